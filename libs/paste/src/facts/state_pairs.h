#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// A state and how many sockets are in it.
struct state_pair {
  tcp::state state = tcp::state::unknown;
  std::uint64_t count = 0;

  friend bool operator==(const state_pair&, const state_pair&) = default;
};

/// A line of nothing but states and their numbers, as monitoring prints them: several in a line, in
/// JSON, with a prefix or a word between them:
///     CLOSE_WAIT 4120, ESTABLISHED 12       {"CLOSE_WAIT": 4120, "ESTABLISHED": 12}
///     tcp_close_wait=4120                   TIME_WAIT entries: 31,857
///     4120 connections in CLOSE_WAIT
/// The gauges of a Nagios plugin, of InfluxDB's line protocol and of collectd are such lines, too.
/// Empty where any other word stands, and for a lone "listen 80", which configures a server.
[[nodiscard]] std::vector<state_pair> read_state_pairs(std::string_view line);

}  // namespace waitstate::paste
