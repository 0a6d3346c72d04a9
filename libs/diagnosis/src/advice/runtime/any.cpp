#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice any_advice{
    .close = native_close,
    .serve = native_serve,
    .threads = native_threads,
    .keep = {.text = "Keep connections and use them again: one client object for the process "
                     "instead of one for each call",
             .risk = idle_risk},
    .backlog = "listen(fd, 4096)",
};

}  // namespace waitstate::diagnosis
