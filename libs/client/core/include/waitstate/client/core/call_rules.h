#pragma once

// The rules by which a cluster gives out calls: who gets one, who gets none, what is tried again.
#include <chrono>
#include <cstdint>
#include <string_view>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

enum class balance_policy : std::uint8_t {
  p2c_least_loaded,  ///< Of two drawn at random the one with fewer calls under way.
  p2c_peak_ewma,     ///< Of two drawn at random the one with less latency x calls under way.
  round_robin,       ///< In turn.
};

struct balancer_settings {
  /// Two draws are enough to avoid the busiest, without the herd that follows the one best.
  balance_policy policy = balance_policy::p2c_least_loaded;
  /// Over which time a latency is forgotten. A higher one counts at once.
  duration latency_decay = std::chrono::seconds(10);
};

/// When a server counts as dead, and for how long.
struct failure_settings {
  std::uint32_t failures_in_a_row_max = 5;  ///< Dead after so many; 0: off.
  double success_rate_min = 0.8;            ///< Dead when a smaller share succeeds; 0: off.
  duration success_rate_window = std::chrono::seconds(30);  ///< Over which that share is taken.
  std::uint32_t success_rate_calls_min = 5;  ///< With fewer calls in the window it says nothing.
  /// The first dead time is drawn from one to two times this; it doubles with each that follows.
  duration dead_first = std::chrono::seconds(5);
  duration dead_max = std::chrono::seconds(300);  ///< It doubles up to this.
  /// The same after a failed connect, which needs no second one to be believed; 0: off.
  duration connect_dead_first = std::chrono::seconds(1);
  duration connect_dead_max = std::chrono::seconds(32);  ///< As dead_max, for those.
};

enum class health : std::uint8_t {
  alive,
  dead,       ///< Gets nothing until its dead time is over.
  half_open,  ///< The dead time is over: one call may try.
  probing,    ///< That call is under way.
};

[[nodiscard]] std::string_view to_string(health h);

struct retry_settings {
  /// The first included; 1: no retries. Those that are made beside others (hedge_after) count
  /// apart, up to as many.
  std::uint32_t attempts_max = 3;
  /// How long an idempotent call goes on trying after the first failure while no server can be
  /// reached, or the only one hangs up on new connections, as one that is being restarted does; 0:
  /// not at all. Within its deadline and the retry budget.
  duration unreachable_max = std::chrono::seconds(2);
  /// Before the next of these tries: doubling from the first to the second, less up to a half at
  /// random.
  duration pause_first = std::chrono::milliseconds(25);
  duration pause_max = std::chrono::milliseconds(500);  ///< See pause_first.
  /// How long an attempt of an idempotent call waits for the first byte of its answer while another
  /// attempt may follow, so that a server that hangs does not eat the whole deadline; 0: until the
  /// deadline.
  duration attempt_time_max{0};
  /// An idempotent call without an answer for so long is made at another server beside, if there is
  /// one that is not ejected and the retry budget allows it, and the first answer is taken; 0:
  /// never. It is one call in the metrics and for cluster_settings::calls_max. HTTP without a sink
  /// or a stream, Redis but for transactions, Thrift; and whoever sets call_options::may_run_twice.
  duration hedge_after{0};
};

struct retry_budget_settings {
  duration window = std::chrono::seconds(10);  ///< How long a call counts.
  double retries_per_second = 10;              ///< Always allowed, however few calls there are.
  double retries_per_call = 0.2;               ///< What each call adds.
};

}  // namespace waitstate::client
