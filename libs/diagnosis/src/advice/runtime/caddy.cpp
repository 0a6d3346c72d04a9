#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice caddy_advice{
    .name = "caddy",
    .runtime = runtime::caddy,
    .close = R"(reverse_proxy HOST:PORT {
    transport http {
        dial_timeout 5s
        response_header_timeout 30s
        read_timeout 60s
    }
}
)",
    .evict = R"(reverse_proxy HOST:PORT {
    transport http {
        keepalive 30s   # shorter than the back end's
    }
}
)",
    .serve = R"(servers {
    timeouts {
        read_header 10s
        read_body 30s
        idle 60s
    }
}
)",
    .threads = "curl -s 'http://localhost:2019/debug/pprof/goroutine?debug=2'\n",
    .keep = {.text = "Let Caddy keep more idle connections for each upstream",
             .command = R"(reverse_proxy {destination} {
    transport http {
        keepalive 30s
        keepalive_idle_conns_per_host 64
    }
}
)",
             .risk = idle_risk,
             .undo = "remove the transport block and reload"},
    .bind = {.text = "Take local_address out of the transport, and let the routing table choose "
                     "the source address"},
    .backlog = "it takes net.core.somaxconn: raise that and restart",
};

}  // namespace waitstate::diagnosis
