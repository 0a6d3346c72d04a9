// GETs one address over kept connections, for some seconds: as coroutines on one thread, or from a
// plain thread that blocks. Prints the requests a second and how many failed.
//
// usage: waitstate_http_get_loop URL CONNECTIONS|blocking SECONDS
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

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

bool run_coroutines(const http_url& url, unsigned connections, duration time, tally& total) {
  asio::io_context io(1);
  cluster_settings settings;
  settings.pool.limits.connections_max = connections;
  settings.pool.limits.idle_max = connections;
  auto made = cluster::make(
      io.get_executor(), static_source({{.at = {.host = url.host, .port = url.port}}}), settings);
  if (!made) return false;
  asio::co_spawn(io, (*made)->run(), asio::detached);
  const auto counts = std::make_shared<tally>();
  counts->running = connections;
  const http_service service(*made);
  const auto until = clock::now() + time;
  for (unsigned i = 0; i < connections; ++i) {
    asio::co_spawn(io, get_until(service, url.target, until, counts), asio::detached);
  }
  io.run();
  total = *counts;
  return true;
}

bool run_blocking(const std::string& url, duration time, tally& total) {
  io_threads background;
  blocking_http http(background);
  const auto until = clock::now() + time;
  for (auto now = clock::now(); now < until; now = clock::now()) {
    const auto got = http.request(http_get(url), now + 5s);
    ++(got && got->status == 200 ? total.done : total.failed);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto url = parse_http_url(argc == 4 ? argv[1] : "");
  const bool is_blocking = argc == 4 && std::string_view(argv[2]) == "blocking";
  const unsigned connections = argc == 4 ? number(argv[2]) : 0;
  const unsigned seconds = argc == 4 ? number(argv[3]) : 0;
  if (!url || seconds == 0 || (connections == 0 && !is_blocking)) {
    std::fputs("usage: waitstate_http_get_loop URL CONNECTIONS|blocking SECONDS\n", stderr);
    return 2;
  }
  tally total;
  const auto began = clock::now();
  const auto time = std::chrono::seconds(seconds);
  if (!(is_blocking ? run_blocking(argv[1], time, total)
                    : run_coroutines(*url, connections, time, total))) {
    return 1;
  }
  const std::chrono::duration<double> took = clock::now() - began;
  std::printf("%.0f %llu\n", static_cast<double>(total.done) / took.count(),
              static_cast<unsigned long long>(total.failed));
}
