// A read-through cache: asks Redis for all keys in one pipeline, works out what is missing, and
// stores that in one more.
//
//   redis_cache localhost:6379 1 2 3
//   redis_cache 10.0.0.7:6379,10.0.0.8:6379 1 2 3     (a primary and a replica, in any order)
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "waitstate/client/redis.h"

using namespace std::chrono_literals;
using namespace waitstate::client;

namespace {

/// What the cache is for: something slow.
std::string work_out(const std::string& key) {
  return fmt::format("the answer to {}", key);
}

waitstate::result<std::vector<endpoint>> parse_servers(std::string_view list) {
  std::vector<endpoint> servers;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    const auto server = parse_endpoint(list.substr(at, end - at));
    if (!server) return waitstate::failure(server.error());
    servers.push_back(*server);
    at = end + 1;
  }
  return servers;
}

waitstate::result<> look_up(blocking_redis& redis, const std::vector<std::string>& keys) {
  std::vector<redis_command> gets;
  for (const auto& key : keys) gets.push_back({"GET", "cache:" + key});
  // Only reads: a replica answers, when there is one.
  const auto known = redis.pipeline(std::move(gets), 1s);
  if (!known) return waitstate::failure(known.error());

  std::vector<redis_command> sets;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& reply = (*known)[i];
    const bool is_hit = reply.kind == redis_kind::string;
    const auto value = is_hit ? reply.text : work_out(keys[i]);
    fmt::print("{} {}: {}\n", is_hit ? "hit " : "miss", keys[i], value);
    if (!is_hit) sets.push_back({"SET", "cache:" + keys[i], value, "EX", "60"});
  }
  const auto stored = redis.pipeline(std::move(sets), 1s);
  if (!stored) return waitstate::failure(stored.error());
  for (const auto& reply : *stored) {
    if (reply.is_error()) fmt::print(stderr, "redis_cache: not stored: {}\n", reply.text);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: redis_cache HOST:PORT[,HOST:PORT...] KEY...\n");
    return 2;
  }
  io_threads runs;
  redis_settings settings;
  auto servers = parse_servers(argv[1]);
  if (servers) settings.endpoints = *servers;
  auto redis = servers ? blocking_redis::make(runs, settings) : waitstate::failure(servers.error());
  const auto done =
      redis ? look_up(*redis, {argv + 2, argv + argc}) : waitstate::failure(redis.error());
  if (!done) fmt::print(stderr, "redis_cache: {}\n", done.error().what);
  return done ? 0 : 1;
}
