#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "judgement/followed_use.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// A quarter of the ports are in TIME-WAIT: four times the load, a sale or a retry storm, and they
/// are all used up.
[[nodiscard]] inline bool takes_much_of(std::uint64_t time_wait, const port_supply& supply) {
  constexpr std::uint64_t part_of_ports = 4;
  return time_wait * part_of_ports >= supply.usable();
}
[[nodiscard]] inline bool takes_much_of(const port_headroom& headroom) {
  return takes_much_of(headroom.time_wait, headroom.supply);
}

/// One destination with all that the rules about ports ask of it: each asks one question, and they
/// must not disagree on the answers they share.
struct destination_use {
  port_headroom headroom;  ///< Its flows are 0 when only a message speaks of the destination.
  /// A program said that it got no port to it (EADDRNOTAVAIL), or nullptr.
  const message* failure = nullptr;
  runtime connects = runtime::unknown;  ///< Of the program that connects, as far as it is known.
  /// Who connects was not seen: `room.owner` is who opens sockets in that namespace now.
  const waitstate::opener* opener = nullptr;
  /// What was followed of its connections; who opened them is `headroom.owner`, then.
  std::optional<followed_use> followed;
  bool by_proxy = false;  ///< That program is a reverse proxy, or does its job.
  bool is_probe = false;  ///< A health, metrics or database port at a small regular rate.
  /// Others go to the same destination from another source address, which has ports of its own.
  bool is_one_of_several_sources = false;
  /// A pasted fragment that is little else than TIME-WAIT to this destination: somebody looked for
  /// the trouble and copied a sample of it, so that the count says nothing. Where the text says how
  /// many there are, so many take much of the ports.
  bool is_sample = false;

  /// Most of its connections were closed, by us first, and few are open.
  [[nodiscard]] bool is_churn() const {
    return headroom.time_wait > 0 && headroom.time_wait >= 4 * headroom.established;
  }
  /// Nothing was closed for ten seconds after steady closes: whoever made them does so no more, and
  /// what is there now is not to blame.
  [[nodiscard]] bool is_over() const {
    return headroom.closes_per_second > 0 && headroom.recent_closes_per_second == 0;
  }
  [[nodiscard]] bool is_failing() const { return failure != nullptr || headroom.free == 0; }
};

/// The destinations that have connections or complaints, the one with the fewest ports first. A
/// complaint that names no destination is taken for the fullest one; where there is none, the last
/// entry stands for it and has no destination.
[[nodiscard]] std::vector<destination_use> uses_of(const snapshot& s,
                                                   const std::vector<port_headroom>& headrooms,
                                                   const port_table& ports);

/// TIME-WAIT sockets of which neither end is known: a count by state, /proc/net/sockstat, `ss -s`.
[[nodiscard]] std::uint64_t unplaced_time_wait_of(const snapshot& s);

/// All TIME-WAIT sockets that the snapshot speaks of, placed or not.
[[nodiscard]] std::uint64_t time_wait_of(const snapshot& s);

}  // namespace waitstate::diagnosis
