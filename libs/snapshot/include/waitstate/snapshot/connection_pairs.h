#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>

#include "waitstate/snapshot/ended_connection.h"

namespace waitstate {

/// A connection that has ended: one end, and the other where that was on this host, too. The first
/// is the end that connected, where that is known.
struct whole_connection {
  ended_connection end;
  std::optional<ended_connection> other;
};

/// Puts the two ends of connections within one network namespace together. An end waits for its
/// other a moment, and only where there must be one: its peer has the same address, or one of
/// loopback. Where the other lives on for longer (a CLOSE-WAIT that nobody closes) each goes alone.
/// Time is what `ended` says. Pure.
///
/// At most `waiting_max` ends wait; the oldest goes alone when there are more.
class connection_pairs {
 public:
  static constexpr std::chrono::milliseconds moment{300};
  static constexpr std::size_t waiting_max = 1024;
  using sink = std::function<void(const whole_connection&)>;

  explicit connection_pairs(sink to) : sink_(std::move(to)) {}

  void add(ended_connection c);
  /// Lets go of those that have waited until `now` for longer than a moment.
  void pass(std::chrono::system_clock::time_point now);
  /// Lets all of them go.
  void finish();

 private:
  void tell(ended_connection c, std::optional<ended_connection> other = {});

  sink sink_;
  std::list<ended_connection> waiting_;
};

}  // namespace waitstate
