#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice apache_advice{
    .name = "apache",
    .runtime = runtime::apache,
    .close = R"(ProxyTimeout 30
ProxyPass "/" "http://HOST:PORT/" enablereuse=on ttl=30 connectiontimeout=5
)",
    .evict =
        "ProxyPass \"/\" \"http://HOST:PORT/\" enablereuse=on max=64 ttl=30   # shorter than the "
        "back end's\n",
    .serve = R"(Timeout 30
KeepAliveTimeout 5
RequestReadTimeout header=10-20,MinRate=500 body=20,MinRate=500
)",
    .workers = "MaxRequestWorkers 400\nTimeout 30\n",
    .threads = "apachectl fullstatus   # with mod_status: what each worker does, and for whom\n",
    .keep = {.text = "Let mod_proxy reuse back-end connections, and drop proxy-nokeepalive, "
                     "force-proxy-request-1.0 and proxy-initial-not-pooled",
             .command = "ProxyPass \"/\" \"http://{destination}/\" enablereuse=on max=64 ttl=30\n",
             .risk = "`max` is for each child process",
             .undo = "disablereuse=on, then: apachectl graceful"},
    .bind =
        {.text =
             "Take ProxySourceAddress out, and let the routing table choose the source address"},
    .backlog = "ListenBacklog 4096",
};

}  // namespace waitstate::diagnosis
