#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace waitstate::client {

/// How many connections several pools may have together. Any thread may call any member.
class capacity {
 public:
  /// `limit` 0 means no limit.
  explicit capacity(std::uint32_t limit = 0) : limit_(limit) {}

  /// Takes room for one connection; false when there is none left.
  [[nodiscard]] bool take();
  /// Gives back what one take() took.
  void put();

  /// Calls `tell` when there may be room again after a take() that failed; for as long as `alive`
  /// is. On whatever thread makes room, perhaps with a pool's lock held: it may only note it.
  void when_there_is_room(std::weak_ptr<void> alive, std::function<void()> notify);
  /// A connection became idle, which can be closed in favour of another: tells those that found no
  /// room, if any.
  void offer() {
    if (is_short_.load()) tell_all();
  }
  [[nodiscard]] std::uint32_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  bool try_take();
  void tell_all();

  const std::uint32_t limit_;
  std::atomic<std::uint32_t> used_{0};
  std::atomic<bool> is_short_{false};
  std::mutex lock_;
  std::vector<std::pair<std::weak_ptr<void>, std::function<void()>>> listeners_;
};

}  // namespace waitstate::client
