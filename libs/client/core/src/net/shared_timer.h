#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

class shared_timer;

/// The next multiple of `step`, or `at` if it is one.
[[nodiscard]] time_point rounded_up(time_point at, duration step);

/// Somebody who wants to be called at some time, which may be asked for from a hot path: that the
/// call is due earlier anyway is seen by one load. Any thread may call any member.
class reminder {
 public:
  using handler = std::function<void(time_point now)>;

  /// For shared_timer alone.
  reminder(std::shared_ptr<shared_timer> by, handler remind);

  /// The handler is called once, at `at` or earlier if somebody asked for that. Whatever happened
  /// before this is seen by the call.
  void remind_by(time_point at);
  /// Is a call asked for that comes by `at`?
  [[nodiscard]] bool is_due_by(time_point at) const {
    return due_.load() <= at.time_since_epoch().count();
  }
  /// Takes back what was asked for. A call that is under way goes on.
  void forget();

 private:
  friend class shared_timer;

  const std::shared_ptr<shared_timer> by_;
  const handler remind_;
  std::atomic<duration::rep> due_{time_point::max().time_since_epoch().count()};
};

/// One timer for everybody on an executor, however many they are; none is running while nobody
/// waits for anything. It wakes up at times that are multiples of `tick`, so that many who want to
/// be called at about the same time cost one wake-up.
///
/// Any thread may call any member.
class shared_timer : public std::enable_shared_from_this<shared_timer> {
 public:
  /// How exactly deadlines are kept. It wakes up for the earliest alone, which is about once in the
  /// time that calls have, however many there are.
  static constexpr duration tick = std::chrono::milliseconds(1);

  static result<std::shared_ptr<shared_timer>> make(const asio::any_io_executor& executor);

  /// `remind` is called on the executor's threads, for as long as the reminder lives.
  [[nodiscard]] std::shared_ptr<reminder> make_reminder(reminder::handler remind);

  /// How often it woke up.
  [[nodiscard]] std::uint64_t wake_ups() const { return wake_ups_; }

 private:
  friend class reminder;
  using strand = asio::strand<asio::any_io_executor>;

  explicit shared_timer(const strand& turn);
  void wake_up_by(time_point at);
  void arm_soon();
  void arm();
  void ring();
  [[nodiscard]] std::vector<std::shared_ptr<reminder>> reminders();

  const strand turn_;
  asio::steady_timer timer_;                  // in turn_
  time_point armed_for_ = time_point::max();  // in turn_
  std::atomic<duration::rep> next_{time_point::max().time_since_epoch().count()};
  std::atomic<std::uint64_t> wake_ups_{0};
  std::mutex lock_;
  std::vector<std::weak_ptr<reminder>> reminders_;
};

}  // namespace waitstate::client
