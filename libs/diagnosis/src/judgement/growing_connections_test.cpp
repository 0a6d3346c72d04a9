#include "judgement/growing_connections.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(growing_connections, live_are_those_that_grow_while_idle_ones_stand_unused) {
  struct row {
    std::uint64_t count;
    double per_second;
    std::uint32_t idle_ms;
    bool is_one;
  };
  constexpr row rows[] = {{100, 2, 15'000, true},
                          {19, 2, 15'000, false},     // Few,
                          {100, 0.4, 15'000, false},  // not growing,
                          {300, 2, 15'000, false},    // by less than a tenth,
                          {100, 2, 5'000, false}};    // at work.
  for (const auto& [count, per_second, idle_ms, is_one] : rows) {
    auto s = host();
    s.interval = std::chrono::seconds(10);
    put(s, to(tcp::state::established, "10.0.0.9", 80, count).aged(idle_ms).growing(per_second));
    EXPECT_EQ(growing_connections_of(s).size(), is_one ? 1U : 0U) << count << per_second << idle_ms;
  }
}

TEST(growing_connections, pasted_are_looks_that_never_fall_and_rise_by_half) {
  struct row {
    std::vector<std::uint64_t> values;
    bool is_one;
  };
  const row rows[] = {{{120, 190, 260, 330}, true}, {{120, 260}, true},      {{120, 169}, false},
                      {{200, 260}, false},          {{120, 90, 400}, false}, {{400}, false}};
  for (const auto& [values, is_one] : rows) {
    auto s = paste();
    s.series.push_back({.state = tcp::state::established, .values = values});
    EXPECT_EQ(growing_connections_of(s).size(), is_one ? 1U : 0U) << values.back();
  }
}

TEST(growing_connections, at_a_port_that_is_listened_on_clients_come) {
  auto s = paste();
  s.series.push_back({.state = tcp::state::established, .port = 8080, .values = {100, 900}});
  EXPECT_EQ(growing_connections_of(s).size(), 1U);
  put_listener(s, "0.0.0.0", 8080, 0, 128);
  EXPECT_TRUE(growing_connections_of(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
