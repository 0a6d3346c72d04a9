#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice haproxy_advice{
    .name = "haproxy",
    .runtime = runtime::haproxy,
    .close = R"(defaults
    timeout server 30s
    timeout server-fin 5s
    timeout client-fin 5s
    timeout tunnel 1h
)",
    .evict = R"(backend app
    timeout server 30s
    server app1 HOST:PORT pool-max-conn 100 pool-purge-delay 5s
)",
    .serve = R"(defaults
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 5s
)",
    .threads = "echo \"show threads\" | socat - /run/haproxy/admin.sock\n",
    .keep = {.text = "Let HAProxy reuse server connections, and drop `option httpclose` and "
                     "`option http-server-close`",
             .command = R"(backend app
    option http-keep-alive
    http-reuse always
    server app1 {destination} pool-max-conn 256 pool-purge-delay 30s
)",
             .risk = "with `always` a request may meet a connection that the server just closed; "
                     "`http-reuse safe` avoids that for the first request of a client",
             .undo = "http-reuse never, then reload"},
    .bind = {.text = "HAProxy sets IP_BIND_ADDRESS_NO_PORT for `source` from 1.7 on: use no port "
                     "range in `source`"},
    .backlog = "bind :443 backlog 4096",
};

}  // namespace waitstate::diagnosis
