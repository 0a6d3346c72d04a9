#include "advice/runtime/rows.h"

namespace waitstate::diagnosis {

constinit const runtime_advice native_advice{
    .name = "native",
    .runtime = runtime::native,
    .close = native_close,
    .evict = R"(// libcurl: no connection is used again that has been idle for longer
curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, 30L);
// a pool of your own: an idle connection that is readable has ended or holds stray bytes
struct pollfd idle = {.fd = fd, .events = POLLIN};
if (poll(&idle, 1, 0) != 0) close(fd);   // and take another one
)",
    .serve = native_serve,
    .threads = native_threads,
    .keep =
        {.text = "Use one libcurl handle again for all calls of a thread (curl_easy_reset() keeps "
                 "its connections), or one multi handle; a protocol of your own keeps its sockets "
                 "in a pool",
         .command =
             R"(CURL *curl = curl_easy_init();            // once for each thread, not for each call
curl_easy_reset(curl);                    // before the next call: options go, connections stay
)",
         .risk = idle_risk},
    .keep_in_short = "one CURL handle for each thread",
    .bind = {.command = "setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);\n"},
    .backlog = "listen(fd, 4096)",
};

}  // namespace waitstate::diagnosis
