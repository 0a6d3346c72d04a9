// GETs one key, on one thread, for some seconds: as coroutines, over as many connections as there
// are callers, or from a plain thread that blocks. Prints the requests a second and how many
// failed.
//
// usage: waitstate_redis_get_loop PORT CALLERS|blocking SECONDS
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "waitstate/client/redis.h"

namespace {

using namespace waitstate::client;
using namespace std::chrono_literals;

struct tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  unsigned running = 0;
};

unsigned number(const char* text) {
  unsigned value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

redis_settings settings_for(unsigned port, unsigned callers) {
  redis_settings settings{
      .endpoints = {{.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port)}}};
  settings.cluster.pool.limits.connections_max = callers;
  settings.cluster.pool.limits.idle_max = callers;
  return settings;
}

asio::awaitable<void> get_until(std::shared_ptr<redis_client> from, time_point until,
                                std::shared_ptr<tally> counts) {
  for (auto now = clock::now(); now < until; now = clock::now()) {
    const auto got = co_await from->command({"GET", "key"}, {.deadline = now + 5s});
    ++(got && !got->is_error() ? counts->done : counts->failed);
  }
  if (--counts->running == 0) from->stop();
}

bool run_coroutines(unsigned port, unsigned callers, duration time, tally& total) {
  asio::io_context io(1);
  auto made = redis_client::make(io.get_executor(), settings_for(port, callers));
  if (!made) return false;
  asio::co_spawn(io, (*made)->run(), asio::detached);
  const auto counts = std::make_shared<tally>();
  counts->running = callers;
  const auto until = clock::now() + time;
  for (unsigned i = 0; i < callers; ++i) {
    asio::co_spawn(io, get_until(*made, until, counts), asio::detached);
  }
  io.run();
  total = *counts;
  return true;
}

bool run_blocking(unsigned port, duration time, tally& total) {
  io_threads background;
  auto made = blocking_redis::make(background, settings_for(port, 1));
  if (!made) return false;
  const auto until = clock::now() + time;
  for (auto now = clock::now(); now < until; now = clock::now()) {
    const auto got = made->command({"GET", "key"}, now + 5s);
    ++(got && !got->is_error() ? total.done : total.failed);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned port = argc == 4 ? number(argv[1]) : 0;
  const unsigned seconds = argc == 4 ? number(argv[3]) : 0;
  const bool is_blocking = argc == 4 && std::string_view(argv[2]) == "blocking";
  const unsigned callers = argc == 4 ? number(argv[2]) : 0;
  if (port == 0 || seconds == 0 || (callers == 0 && !is_blocking)) {
    std::fputs("usage: waitstate_redis_get_loop PORT CALLERS|blocking SECONDS\n", stderr);
    return 2;
  }
  tally total;
  const auto began = clock::now();
  const auto time = std::chrono::seconds(seconds);
  if (!(is_blocking ? run_blocking(port, time, total)
                    : run_coroutines(port, callers, time, total))) {
    return 1;
  }
  const std::chrono::duration<double> took = clock::now() - began;
  std::printf("%.0f %llu\n", static_cast<double>(total.done) / took.count(),
              static_cast<unsigned long long>(total.failed));
}
