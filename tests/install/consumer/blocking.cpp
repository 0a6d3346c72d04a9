// The same for plain threads alone, which needs no Boost to compile.
#include <chrono>
#include <cstdio>

#include <waitstate/client/blocking_http.h>

int main() {
  using namespace std::chrono_literals;
  using namespace waitstate::client;
  io_threads background;
  blocking_http http(background);
  const auto got = http.request(http_get("http://127.0.0.1:1/health"), 500ms);
  std::printf("%s\n", got ? "answered" : got.error().what.c_str());
  return got ? 1 : 0;  // nobody listens there
}
