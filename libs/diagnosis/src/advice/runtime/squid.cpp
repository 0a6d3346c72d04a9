#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice squid_advice{
    .name = "squid",
    .runtime = runtime::squid,
    .close = R"(connect_timeout 5 seconds
read_timeout 60 seconds
half_closed_clients off
)",
    .evict = "server_idle_pconn_timeout 30 seconds   # shorter than the servers'\n",
    .serve = R"(request_timeout 30 seconds
client_idle_pconn_timeout 30 seconds
client_lifetime 60 minutes
half_closed_clients off
)",
    .threads = "squidclient mgr:active_requests\n",
    .keep = {.text = "Let Squid keep its server connections",
             .command = R"(server_persistent_connections on
pconn_timeout 60 seconds
)",
             .risk = idle_risk,
             .undo = "server_persistent_connections off, then: squid -k reconfigure"},
    .bind =
        {.text =
             "Take tcp_outgoing_address out, and let the routing table choose the source address"},
    .backlog = "max_filedescriptors 16384 (it asks for a queue of a quarter of them)",
};

}  // namespace waitstate::diagnosis
