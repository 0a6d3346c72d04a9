#pragma once

#include <atomic>
#include <cstdint>

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
  [[nodiscard]] std::uint32_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  const std::uint32_t limit_;
  std::atomic<std::uint32_t> used_{0};
};

}  // namespace waitstate::client
