#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// The idle slots of a pool, by when they became so. Pure; its owner locks.
class idle_list {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  explicit idle_list(std::size_t slots) : links_(slots) {}

  /// Puts a slot in its place by that time: at once when it is the newest.
  void put(std::uint32_t at, time_point since);
  void take(std::uint32_t at);

  /// The one that is leased next; `none` when there is none.
  [[nodiscard]] std::uint32_t newest() const { return newest_; }
  [[nodiscard]] std::uint32_t oldest() const { return oldest_; }
  [[nodiscard]] std::uint32_t newer_than(std::uint32_t at) const { return links_[at].newer; }
  /// When it became idle; stays when it is taken.
  [[nodiscard]] time_point since(std::uint32_t at) const { return links_[at].since; }
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  struct links {
    std::uint32_t newer = none;
    std::uint32_t older = none;
    time_point since;
  };

  std::vector<links> links_;
  std::uint32_t newest_ = none;
  std::uint32_t oldest_ = none;
  std::uint32_t size_ = 0;
};

}  // namespace waitstate::client
