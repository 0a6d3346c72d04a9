#pragma once

#include "advice/runtime_advice.h"

namespace waitstate::diagnosis {

/// The rows, each in the file of its name; runtime_advice.cpp lists them.
extern const runtime_advice any_advice;
extern const runtime_advice apache_advice;
extern const runtime_advice caddy_advice;
extern const runtime_advice dotnet_advice;
extern const runtime_advice elixir_advice;
extern const runtime_advice envoy_advice;
extern const runtime_advice go_advice;
extern const runtime_advice gunicorn_advice;
extern const runtime_advice haproxy_advice;
extern const runtime_advice java_advice;
extern const runtime_advice native_advice;
extern const runtime_advice nginx_advice;
extern const runtime_advice node_advice;
extern const runtime_advice perl_advice;
extern const runtime_advice php_advice;
extern const runtime_advice python_advice;
extern const runtime_advice ruby_advice;
extern const runtime_advice rust_advice;
extern const runtime_advice squid_advice;
extern const runtime_advice traefik_advice;
extern const runtime_advice uwsgi_advice;
extern const runtime_advice varnish_advice;

/// The risk of keeping a connection, which most rows name.
inline constexpr std::string_view idle_risk =
    "an idle connection that the other side closed first fails its next use: keep connections for "
    "less time than the server does, and retry once";

/// What holds for every program that calls the kernel itself.
inline constexpr std::string_view native_close =
    R"(// read() or recv() returned 0: the peer closed; close(fd) on this path too.
// In an event loop ask for it (Linux: EPOLLIN | EPOLLRDHUP).
// In C++ let an object own the descriptor.
)";
inline constexpr std::string_view native_serve =
    R"(# on every descriptor: read() == 0 means that the client closed: close() it.
# In an event loop ask for it (Linux: EPOLLIN | EPOLLRDHUP),
# also while a request is being worked on.
)";

/// The stacks of a program whose runtime has no tool of its own.
inline constexpr std::string_view native_threads =
    "grep . /proc/{pid}/task/*/wchan\n"
    "gdb -p {pid} -batch -ex 'thread apply all bt'\n";

}  // namespace waitstate::diagnosis
