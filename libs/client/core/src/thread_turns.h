#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Whose thread runs an executor: one of its own, or that of a caller who waits for a call anyway
/// and is alone in that. What runs on the thread that waits for it costs no switch of threads.
///
/// The own thread steps aside after some calls that came one soon after the other with nobody
/// beside them. It comes back when another caller waits, when a call is found among a lot of other
/// work, and when for two milliseconds no call has ended and none is under way: for twice as long
/// nobody runs the executor at most.
///
/// Any thread may call any member.
class thread_turns {
 public:
  static constexpr int alone_before = 8;  ///< How often a caller was alone.
  static constexpr duration pause_max = std::chrono::milliseconds(1);   ///< Between two calls.
  static constexpr duration unused_max = std::chrono::milliseconds(2);  ///< See above.
  /// What one call makes a thread run is about five pieces of work. With more of them there is
  /// other work, which wants a thread of its own for a while.
  static constexpr int pieces_max = 32;
  static constexpr duration own_for = std::chrono::milliseconds(100);

  /// `wake` gets the own thread out of the executor's wait for events, and may do no more; null: it
  /// never steps aside.
  explicit thread_turns(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// A caller begins to wait. True: its thread runs the executor until its call is over.
  [[nodiscard]] bool begin(time_point now);
  /// The end of a call that began with false; asks the own thread aside where that is worth it.
  void end(time_point now);
  /// The end of one that began with true, and how many pieces of work it has run.
  void end_of_runner(int pieces, time_point now);

  /// Of the own thread: somebody wants it aside.
  [[nodiscard]] bool is_asked_aside() const { return asked_.load(std::memory_order_relaxed); }
  /// Of the own thread: comes back when it has the turn; false when the executor has ended.
  bool step_aside();

  /// The executor ends: when this comes back no caller runs it, nor will any.
  void finish();

 private:
  enum class runner : std::uint8_t { own_thread, caller, nobody };

  const std::function<void()> wake_;
  std::atomic<bool> asked_{false};
  std::mutex lock_;
  std::condition_variable changed_;
  // All with lock_.
  runner runs_ = runner::own_thread;
  bool is_over_ = false;
  bool wants_word_ = false;  // the own thread sleeps until a call ends
  int callers_ = 0;
  int alone_ = 0;  // calls one after the other
  std::uint64_t ended_ = 0;
  time_point last_end_{};
  time_point own_until_{};
};

}  // namespace waitstate::client
