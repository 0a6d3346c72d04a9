#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice gunicorn_advice{
    .name = "gunicorn",
    .runtime = runtime::gunicorn,
    .like = runtime::python,
    .serve = "gunicorn --timeout 30 --graceful-timeout 30 --keep-alive 2\n",
    .workers = "gunicorn --workers 5 --worker-class gthread --threads 8 --timeout 30\n",
    .backlog = "gunicorn --backlog 4096",
};

}  // namespace waitstate::diagnosis
