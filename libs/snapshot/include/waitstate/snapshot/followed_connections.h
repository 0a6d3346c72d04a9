#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/snapshot/direction.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// How often a number had which size: class k counts those from 2^k up to below 2^(k+1), class 0
/// those of 0 too, and the last one has no upper bound.
struct size_classes {
  std::array<std::uint64_t, 32> count{};

  [[nodiscard]] std::uint64_t total() const;
  /// Half of the numbers are below this, rounded up to a power of two; nothing where there are
  /// none.
  [[nodiscard]] std::optional<std::uint64_t> half_below() const;

  void merge(const size_classes& other);

  friend bool operator==(const size_classes&, const size_classes&) = default;
};

/// Connections that one process opened, or a listener took, and one process closed, added up
/// between two looks.
struct followed_flow {
  std::uint32_t net_namespace = 0;                      ///< Index into snapshot::namespaces.
  waitstate::direction direction = direction::unknown;  ///< Unknown: they were open before.
  tcp::endpoint end;  ///< Outbound: the peer. Inbound: the local end. Unknown: nothing.
  /// Indexes into snapshot::processes. Nobody where connect() was not seen, or another end
  /// accepted; nobody closed what a reset or the kernel ended.
  std::optional<std::uint32_t> opener;
  std::optional<std::uint32_t> closer;
  /// Where the opener stands for programs that it started again and again and that ended: what they
  /// are called, and how many of them there were.
  std::string started;
  std::uint64_t programs = 0;

  std::uint64_t opened = 0;  ///< connect() was called.
  std::uint64_t ended = 0;
  std::uint64_t established = 0;        ///< Of those that ended: there was a handshake.
  std::uint64_t closed_here_first = 0;  ///< These leave a TIME-WAIT on this side.
  std::uint64_t closed_by_peer_first = 0;
  std::uint64_t resets = 0;  ///< Sent or received, of established ones.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  size_classes lives_us;  ///< From the handshake to the end, where both were seen.
  size_classes sizes;     ///< Bytes both ways.

  /// Takes in what another counted; what they are about is not looked at.
  void merge(const followed_flow& other);
};

/// What ended while connections were followed in the kernel, from the first look to the second.
struct followed_connections {
  std::chrono::milliseconds watched{0};
  std::vector<followed_flow> flows;  ///< Bounded; those with the most connections first.
  std::uint64_t flows_cut = 0;       ///< Flows past that bound.
  /// Connections, and edges of the state machine, that the kernel had no room or no time to count.
  std::uint64_t not_counted = 0;
};

}  // namespace waitstate
