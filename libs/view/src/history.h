#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "waitstate/snapshot/counts.h"
#include "waitstate/tcp/state.h"
#include "waitstate/view/moment.h"

namespace waitstate::view {

/// How many sockets were in each state over the last minute. At most `samples_max` looks are kept.
class history {
 public:
  static constexpr std::chrono::seconds span{60};
  static constexpr std::size_t samples_max = 600;

  /// Later than every one before.
  void add(moment at, const state_counts& counts);

  /// The minute in `slots` parts, the oldest first: the last count of each, or the one before where
  /// nobody looked in it; nothing before the first look.
  [[nodiscard]] std::vector<std::optional<double>> of(tcp::state s, std::size_t slots) const;

  /// How many more there are each second, over the last ten; nothing before the second look.
  [[nodiscard]] std::optional<double> growth_of(tcp::state s) const;

 private:
  struct sample {
    moment at;
    state_counts counts;
  };
  std::deque<sample> samples_;
};

}  // namespace waitstate::view
