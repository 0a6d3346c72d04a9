#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice envoy_advice{
    .name = "envoy",
    .runtime = runtime::envoy,
    .close = R"(typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    common_http_protocol_options:
      idle_timeout: 30s
      max_connection_duration: 600s
    explicit_http_config:
      http_protocol_options: {}
)",
    .evict = R"(typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    common_http_protocol_options:
      idle_timeout: 30s
    explicit_http_config:
      http_protocol_options: {}
)",
    .serve = R"(# in the HTTP connection manager
common_http_protocol_options: { idle_timeout: 60s }
request_timeout: 30s
stream_idle_timeout: 60s
delayed_close_timeout: 1s
)",
    .threads = native_threads,
    .keep = {.text = "Let Envoy keep its upstream connections: no max_requests_per_connection: 1, "
                     "an idle time-out shorter than the upstream's",
             .command = R"(typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    common_http_protocol_options:
      idle_timeout: 30s
    explicit_http_config:
      http_protocol_options: {}
)",
             .risk = idle_risk,
             .undo = "remove the block"},
    .bind = {.text = "Tell Envoy to bind the address without a port, or use an Envoy that does so "
                     "by itself for source addresses",
             .command = R"(upstream_bind_config:
  source_address: { address: ADDRESS, port_value: 0 }
  socket_options:
  - { level: 0, name: 24, int_value: 1, state: STATE_PREBIND }
)",
             .undo = "remove the socket option"},
    .backlog = "on the listener: tcp_backlog_size: 4096",
};

}  // namespace waitstate::diagnosis
