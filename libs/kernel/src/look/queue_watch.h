#pragma once

#include <cstdint>
#include <map>
#include <set>

namespace waitstate::kernel {

/// Counts what a program takes from one accept queue, from glimpses of the connections on its port.
/// Pure: the glimpses are taken elsewhere.
///
/// One that waited and is held by a process was taken. So was one that is gone, unless its client
/// cut it off: such leave their place in the queue to a dead socket, which the queue's length still
/// counts.
class queue_watch {
 public:
  /// What there is on the port at one moment, by the sockets' cookies.
  struct glimpse {
    std::uint64_t queue = 0;  ///< What the listeners say.
    std::set<std::uint64_t> waiting;
    std::set<std::uint64_t> held;
  };

  void see(const glimpse& now);

  /// At least so many of those that waited at first.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  bool has_begun_ = false;
  std::uint64_t dead_at_first_ = 0;
  std::set<std::uint64_t> at_first_;
  std::uint64_t taken_ = 0;
};

}  // namespace waitstate::kernel
