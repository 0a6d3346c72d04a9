#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice traefik_advice{
    .name = "traefik",
    .runtime = runtime::traefik,
    .close = R"(serversTransport:
  forwardingTimeouts:
    dialTimeout: 5s
    responseHeaderTimeout: 30s
    idleConnTimeout: 30s
)",
    .evict = R"(serversTransport:
  forwardingTimeouts:
    idleConnTimeout: 30s   # shorter than the back end's
)",
    .serve = R"(entryPoints:
  web:
    transport:
      respondingTimeouts:
        readTimeout: 30s
        idleTimeout: 60s
)",
    .threads =
        "curl -s 'http://localhost:8080/debug/pprof/goroutine?debug=2'   # with api.debug and "
        "api.insecure\n",
    .keep = {.text = "Let Traefik keep more idle connections for each back end (static "
                     "configuration; a provider with a transport of its own needs it there)",
             .command = R"(serversTransport:
  maxIdleConnsPerHost: 200
  forwardingTimeouts:
    idleConnTimeout: 30s
)",
             .risk = idle_risk,
             .undo = "remove the block and restart"},
    .bind = {.text = "Traefik binds no source address: see what else on this host does"},
    .backlog = "it takes net.core.somaxconn: raise that and restart",
};

}  // namespace waitstate::diagnosis
