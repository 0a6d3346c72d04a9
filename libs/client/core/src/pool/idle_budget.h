#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Learns for how long a server keeps idle connections, so that ours go first: a request that meets
/// the server's FIN on its way is lost.
///
/// A limit is believed when the server states it, or when connections that were idle for about the
/// same time were closed on three separate occasions; one occasion may be a restart. What was
/// observed is forgotten after ten minutes, as nothing confirms it while it is kept; what was
/// stated stays.
///
/// Pure. Not for several threads at once: its owner locks.
class idle_budget {
 public:
  /// The server closed a connection that was idle for `idle`; under half a second it teaches
  /// nothing.
  void peer_closed(duration idle, time_point now);
  /// The server says that it closes connections after `limit`; zero is ignored.
  void stated(duration limit);

  /// How long a connection may be idle: 0.8 of the server's limit, nothing when none is known.
  [[nodiscard]] std::optional<duration> limit(time_point now) const;

 private:
  struct occasion {
    duration idle{0};
    time_point at{};
    bool is_known = false;
  };

  [[nodiscard]] std::optional<duration> observed(time_point now) const;

  std::optional<duration> stated_;
  std::array<occasion, 8> seen_{};
  std::size_t next_ = 0;
};

}  // namespace waitstate::client
