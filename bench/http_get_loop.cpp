// GETs one address over kept connections, on one thread, for some seconds. Prints the requests a
// second and how many failed.
//
// usage: waitstate_http_get_loop URL CONNECTIONS SECONDS
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "waitstate/client/http.h"

namespace {

using namespace waitstate::client;
using namespace std::chrono_literals;

struct tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  unsigned running = 0;
};

asio::awaitable<void> get_until(http_service service, std::string target, time_point until,
                                std::shared_ptr<tally> counts) {
  for (auto now = clock::now(); now < until; now = clock::now()) {
    const auto got = co_await service.request(http_get(target), now + 5s);
    const bool is_good = got && got->status == 200;
    ++(is_good ? counts->done : counts->failed);
  }
  if (--counts->running == 0) service.over()->stop();
}

unsigned number(const char* text) {
  unsigned value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const auto url = parse_http_url(argc == 4 ? argv[1] : "");
  const unsigned connections = argc == 4 ? number(argv[2]) : 0;
  const unsigned seconds = argc == 4 ? number(argv[3]) : 0;
  if (!url || connections == 0 || seconds == 0) {
    std::fputs("usage: waitstate_http_get_loop URL CONNECTIONS SECONDS\n", stderr);
    return 2;
  }
  asio::io_context io(1);
  cluster_settings settings;
  settings.pool.limits.connections_max = connections;
  settings.pool.limits.idle_max = connections;
  auto made = cluster::make(
      io.get_executor(), static_source({{.at = {.host = url->host, .port = url->port}}}), settings);
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().what.c_str());
    return 1;
  }
  asio::co_spawn(io, (*made)->run(), asio::detached);
  const auto counts = std::make_shared<tally>();
  counts->running = connections;
  const http_service service(*made);
  const auto began = clock::now();
  for (unsigned i = 0; i < connections; ++i) {
    asio::co_spawn(io,
                   get_until(service, url->target, began + std::chrono::seconds(seconds), counts),
                   asio::detached);
  }
  io.run();
  const std::chrono::duration<double> took = clock::now() - began;
  std::printf("%.0f %llu\n", static_cast<double>(counts->done) / took.count(),
              static_cast<unsigned long long>(counts->failed));
}
