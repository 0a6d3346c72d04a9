#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::remedy {

/// How many connections a second this host can make from one of its addresses to one place, and how
/// many it makes. Each needs a port of the range, and holds it while it is open and, where this
/// host closes first, in TIME-WAIT: rate x time = ports.
struct destination_capacity {
  tcp::address source;
  tcp::endpoint destination;
  std::string program;      ///< Who connects there, or empty.
  std::uint64_t ports = 0;  ///< That connect() may choose from.
  std::uint64_t in_use = 0;
  std::uint64_t open = 0;  ///< Of these ESTABLISHED: they do not come back by themselves.
  /// After its close a port is held so long; 0 where the other end closes first.
  std::chrono::milliseconds held{0};
  /// Connections a second: those that ended lately, and those that can be borne as things are; the
  /// latter is nothing where a port is free at once.
  double rate = 0;
  std::optional<double> bearable;
  /// The same with net.ipv4.tcp_tw_reuse 1; nothing where it would change nothing.
  std::optional<double> with_reuse;
  /// The same with the ports from 10240 on, as things are; nothing where the range is as wide.
  std::optional<double> with_wide_range;
  /// What each further source or destination address adds.
  std::optional<double> each_address;
  /// At this rate the last port goes then; nothing: not within ten minutes.
  std::optional<std::chrono::seconds> full_in;
  /// How the rate changed over the last minute, a second; and when it reaches what can be borne if
  /// that goes on. Nothing where it does not grow.
  double growth = 0;
  std::optional<std::chrono::seconds> full_at_growth;
};

/// Of the first namespace of the snapshot, the place with the fewest ports left first; at most
/// `most`. Pure: the rates are those that the TIME-WAIT timers tell.
[[nodiscard]] std::vector<destination_capacity> capacity_of(const snapshot& s,
                                                            std::size_t most = 64);

}  // namespace waitstate::remedy
