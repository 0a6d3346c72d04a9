#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "front/service.h"
#include "redis/redis_dialogue.h"
#include "redis/redis_links.h"

namespace waitstate::sidecar {

/// What a Redis route is told.
struct redis_route_settings {
  std::string client_user;      ///< Whom clients have to be; empty: "default".
  std::string client_password;  ///< Empty: clients need none, and any that they send is taken.
  redis_credentials upstream;   ///< Who this proxy is to the servers.
  int database = 0;             ///< Of clients that select none.
  /// A request that has no reply by then ends with an error, and so does one that no server could
  /// be found for. Not of commands that block.
  client::duration call_time_max = std::chrono::seconds(5);
  /// How long no server may be reachable before requests end with an error.
  client::duration unreachable_max = std::chrono::seconds(2);
  /// How long a client may say nothing within MULTI or after WATCH: its deadline is set so; 0: no
  /// limit.
  client::duration pin_idle_max = std::chrono::seconds(60);
  client::duration link_idle_max = std::chrono::seconds(60);  ///< redis_links::settings::idle_max.
  client::duration link_lifetime_max{0};  ///< redis_links::settings::lifetime_max.
  std::size_t links_per_server = 1;       ///< Shared connections, for each database and protocol.
  std::size_t request_bytes_max = std::size_t{64} << 20;  ///< Of one request.
  /// Replies that a client does not read: past it the client is closed.
  std::size_t replies_bytes_max = std::size_t{64} << 20;
  std::size_t pipeline_max = 4096;  ///< Requests of one client that are under way at once.
};

/// What the clients of one route share. Of one loop, and of its thread alone.
struct redis_route {
  redis_route(std::shared_ptr<client::cluster> writes, std::shared_ptr<client::cluster> reads,
              redis_route_settings how)
      : settings(std::move(how)),
        links(std::move(writes), std::move(reads),
              {.link = {.as = settings.upstream,
                        .at = {},
                        .call_time_max = settings.call_time_max,
                        .unreachable_max = settings.unreachable_max},
               .links_per_server = settings.links_per_server,
               .idle_max = settings.link_idle_max,
               .lifetime_max = settings.link_lifetime_max},
              counts) {}

  [[nodiscard]] redis_client_facts facts_of(const client_connection& who) const {
    return {.user = settings.client_user,
            .password = settings.client_password,
            .database = settings.database,
            .number = who.number,
            .from = who.pid != 0 ? "unix:" + std::to_string(who.pid)
                                 : "127.0.0.1:" + std::to_string(who.port)};
  }

  const redis_route_settings settings;
  redis_counts counts;
  redis_links links;
  client::time_point
      now{};  ///< As of the last tick: old by 100 ms at most while clients are there.
  bool is_draining = false;
};

}  // namespace waitstate::sidecar
