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

TEST(growing_connections, one_look_tells_a_client_that_opens_one_for_each_call_and_keeps_it) {
  struct row {
    const char* what;
    std::uint64_t used_again;
    std::uint64_t served;
    bool is_one;
  };
  constexpr row rows[] = {
      {"a leak", 0, 0, true}, {"a pool, used in turn", 40, 0, false}, {"a proxy", 0, 200, false}};
  for (const auto& [what, used_again, served, is_one] : rows) {
    auto s = host();
    const auto app = add_process(s, 13, "python3");
    auto made = to(tcp::state::established, "127.0.0.1", 6379, 370).of(app);
    made.group.age.add(5'000, 50);
    made.group.age.add(40'000, 320);
    made.group.age_max_ms = 75'000;
    made.group.used_again = used_again;
    put(s, made);
    put(s, on(tcp::state::established, 80, "9.9.9.9", served).of(app));
    EXPECT_EQ(growing_connections_of(s).size(), is_one ? 1U : 0U) << what;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
