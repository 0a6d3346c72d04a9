#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice uwsgi_advice{
    .name = "uwsgi",
    .runtime = runtime::uwsgi,
    .like = runtime::python,
    .serve = R"(; a request that never ends holds its connection
harakiri = 60
http-timeout = 30
socket-timeout = 30
)",
    .workers = "processes = 16\nthreads = 4\nharakiri = 30\n",
    .backlog = "listen = 4096",
};

}  // namespace waitstate::diagnosis
