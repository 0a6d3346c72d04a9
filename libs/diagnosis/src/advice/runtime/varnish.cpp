#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice varnish_advice{
    .name = "varnish",
    .runtime = runtime::varnish,
    .close = R"(# how long a back end may keep Varnish waiting, in seconds
varnishadm param.set first_byte_timeout 30
varnishadm param.set between_bytes_timeout 10
varnishadm param.set pipe_timeout 60
)",
    .evict = "varnishadm param.set backend_idle_timeout 30   # shorter than the back end's\n",
    .serve = R"(varnishadm param.set timeout_idle 5
varnishadm param.set send_timeout 60
varnishadm param.set idle_send_timeout 30
)",
    .threads = native_threads,
    .keep = {.text = "Let Varnish keep back-end connections; look for return (pipe) and for back "
                     "ends that answer Connection: close",
             .command = "varnishadm param.set backend_idle_timeout 60\n",
             .risk = idle_risk,
             .undo = "varnishadm param.reset backend_idle_timeout"},
    .bind = {.text = "Varnish binds no source address: see what else on this host does"},
    .backlog = "varnishd -p listen_depth=4096",
};

}  // namespace waitstate::diagnosis
