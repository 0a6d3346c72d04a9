#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "waitstate/snapshot/connection_pairs.h"

namespace waitstate {

/// Connections that ended, added up by who made them and where to. Pure.
class connection_tally {
 public:
  /// Beyond so many rows a connection of a new one is only counted.
  static constexpr std::size_t rows_max = 4'096;

  struct row {
    waitstate::direction direction = direction::unknown;
    tcp::endpoint end;    ///< Outbound: the peer. Inbound: the local end. Unknown: nothing.
    std::string process;  ///< Outbound: who connected. Else who closed, if any did.
    std::uint64_t connections = 0;
    std::uint64_t established = 0;
    std::uint64_t closed_here_first = 0;  ///< These leave a TIME-WAIT on this side.
    std::uint64_t closed_by_peer_first = 0;
    std::uint64_t resets = 0;           ///< Sent or received, of established ones.
    std::uint64_t bytes = 0;            ///< Both ways.
    std::uint64_t measured = 0;         ///< Whose life is known.
    std::chrono::microseconds life{0};  ///< Of these together.
  };

  void add(const whole_connection& c);

  /// Those with the most connections first.
  [[nodiscard]] std::vector<row> rows() const;
  [[nodiscard]] std::uint64_t not_kept() const { return not_kept_; }

 private:
  using key = std::tuple<waitstate::direction, tcp::endpoint, std::string>;
  std::map<key, row> rows_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace waitstate
