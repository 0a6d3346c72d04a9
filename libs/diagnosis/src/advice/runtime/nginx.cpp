#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice nginx_advice{
    .name = "nginx",
    .runtime = runtime::nginx,
    .close = R"(# a back end that does not answer lets go of its connection
proxy_connect_timeout 5s;
proxy_read_timeout 30s;
proxy_send_timeout 30s;
# OpenResty: one of the two on every path
sock:setkeepalive(30000, 32)
sock:close()
)",
    .evict = R"(upstream backend {
    server 10.0.0.7:8080;
    keepalive 32;
    keepalive_timeout 30s;   # shorter than the back end's
}
)",
    .serve = R"(client_header_timeout 10s;
client_body_timeout 30s;
send_timeout 30s;
keepalive_timeout 30s;
)",
    .threads = native_threads,
    .keep = {.text = "Keep nginx's upstream connections: a keepalive pool, HTTP/1.1, no "
                     "Connection: close (all three lines are needed)",
             .command = R"(upstream app {
    server {destination};
    keepalive 64;
}
location / {
    proxy_pass http://app;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
}
)",
             .risk = "each worker keeps up to 64 idle connections; the upstream's idle time-out "
                     "must be longer than nginx's keepalive_timeout (60 s)",
             .undo = "remove the lines, then: nginx -s reload"},
    .bind = {.text = "nginx sets IP_BIND_ADDRESS_NO_PORT for proxy_bind from 1.11.3 on: run one "
                     "that is built on headers of Linux 4.2"},
    .backlog = "listen 443 ssl backlog=4096;",
};

}  // namespace waitstate::diagnosis
