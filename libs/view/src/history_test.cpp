#include "history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto nothing = std::nullopt;

state_counts leaked(std::uint64_t sockets) {
  state_counts counts;
  counts.add(tcp::state::close_wait, sockets);
  return counts;
}

TEST(history, has_a_value_for_each_part_of_the_last_minute) {
  history h;
  const moment start{};
  h.add(start, leaked(1));
  h.add(start + 20s, leaked(5));
  h.add(start + 40s, leaked(9));
  EXPECT_THAT(h.of(tcp::state::close_wait, 6), ElementsAre(nothing, 1, 1, 5, 5, 9));
}

TEST(history, forgets_what_is_older_than_a_minute) {
  history h;
  const moment start{};
  h.add(start, leaked(100));
  h.add(start + 61s, leaked(1));
  EXPECT_THAT(h.of(tcp::state::close_wait, 2), ElementsAre(nothing, 1));
  EXPECT_EQ(h.growth_of(tcp::state::close_wait), std::nullopt);
}

TEST(history, tells_growth_over_the_last_ten_seconds) {
  history h;
  const moment start{};
  h.add(start, leaked(0));
  EXPECT_EQ(h.growth_of(tcp::state::close_wait), std::nullopt);
  h.add(start + 10s, leaked(20));
  EXPECT_EQ(h.growth_of(tcp::state::close_wait), 2);
  h.add(start + 15s, leaked(20));
  EXPECT_EQ(h.growth_of(tcp::state::close_wait), 0);
  h.add(start + 30s, leaked(5));
  EXPECT_EQ(h.growth_of(tcp::state::close_wait), -1);
}

TEST(history, keeps_no_more_than_its_bound) {
  history h;
  for (int i = 0; i < 5'000; ++i) h.add(moment{} + std::chrono::milliseconds(i), leaked(1));
  const auto values = h.of(tcp::state::close_wait, 60'000);
  EXPECT_EQ(std::ranges::count_if(values, [](const auto& v) { return v.has_value(); }),
            static_cast<std::ptrdiff_t>(history::samples_max));
}

}  // namespace
}  // namespace waitstate::view
