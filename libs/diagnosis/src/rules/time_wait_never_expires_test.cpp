#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(time_wait_never_expires, macos_past_its_49th_day_with_a_pile) {
  auto s = paste(os_family::macos);
  s.namespaces[0].states.add(tcp::state::time_wait, 16'000);
  s.host.uptime = std::chrono::hours(24 * 49);
  EXPECT_TRUE(time_wait_never_expires(s).empty());
  s.host.uptime = std::chrono::hours(24 * 51);
  const auto f = time_wait_never_expires(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_EQ(f.title, "this macOS is up 51 d: TIME-WAIT no longer expires, 16,000 piled up");
}

TEST(time_wait_never_expires, timers_that_stand_still_between_two_looks) {
  auto s = host();
  s.interval = std::chrono::seconds(5);
  auto group = outbound(tcp::state::time_wait, "10.0.0.7", 80, 40);
  group.timers_stand_still = true;
  group.newest = socket_record{.timer_ms = 50'000};
  group.oldest = socket_record{.timer_ms = 20'000};
  s.groups.push_back(group);
  const auto f = time_wait_never_expires(s).at(0);
  EXPECT_EQ(f.title, "the timers of 40 sockets in TIME-WAIT do not run down");
  EXPECT_EQ(f.evidence.at(0).value, "50 s and 20 s, unchanged after 5 s");
}

TEST(time_wait_never_expires, a_count_that_only_grows_for_longer_than_any_time_wait) {
  auto s = paste();
  s.series.push_back({.state = tcp::state::time_wait,
                      .label = {},
                      .values = {1'000, 2'000, 3'500},
                      .interval = std::chrono::minutes(5)});
  EXPECT_EQ(time_wait_never_expires(s).size(), 1U);
  s.series[0].interval = std::chrono::minutes(1);
  EXPECT_TRUE(time_wait_never_expires(s).empty());
  s.series[0] = {.state = tcp::state::time_wait,
                 .label = {},
                 .values = {1'000, 4'000, 3'500},
                 .interval = std::chrono::minutes(5)};
  EXPECT_TRUE(time_wait_never_expires(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
