#include "reap/eligibility.h"

#include <array>

#include <gtest/gtest.h>

namespace waitstate::remedy {
namespace {

using tcp::state;

socket_record in(state s, std::uint32_t inode = 7) {
  return {.state = s, .cookie = 1, .inode = inode};
}

socket_record time_wait(std::uint32_t age_ms) {
  auto s = in(state::time_wait, 0);
  s.timer = socket_timer::time_wait;
  s.timer_ms = 60'000 - age_ms;
  return s;
}

network_namespace with(const char* time_stamps, const char* delay = nullptr) {
  network_namespace ns;
  ns.sysctls["net.ipv4.tcp_timestamps"] = time_stamps;
  if (delay != nullptr) ns.sysctls["net.ipv4.tcp_tw_reuse_delay"] = delay;
  return ns;
}

std::optional<left_alone> why(const socket_record& s, const reap_permissions& may = {},
                              direction side = direction::outbound, std::int32_t pid = 9) {
  return why_left_alone(s, side, pid, with("1"), may);
}

TEST(eligibility, what_its_peer_has_left_may_be_closed) {
  for (const auto s :
       {state::close_wait, state::last_ack, state::fin_wait_1, state::fin_wait_2, state::closing}) {
    EXPECT_EQ(why(in(s)), std::nullopt) << to_string(s);
    const bool has_program = s == state::close_wait;
    EXPECT_EQ(why(in(s, 0)).has_value(), has_program) << "an orphan in " << to_string(s);
  }
}

TEST(eligibility, what_may_be_in_use_takes_a_word_of_its_own) {
  for (const auto s : {state::established, state::syn_sent, state::syn_received}) {
    EXPECT_EQ(why(in(s)), left_alone::may_be_in_use) << to_string(s);
    EXPECT_EQ(why(in(s), {.even_established = true}), std::nullopt) << to_string(s);
  }
}

TEST(eligibility, no_word_takes_a_listener_or_a_port) {
  const reap_permissions everything{.even_established = true, .free_ports = true};
  EXPECT_EQ(why(in(state::listen), everything), left_alone::listens);
  EXPECT_EQ(why(in(state::bound_inactive), everything), left_alone::only_bound);
  EXPECT_EQ(why(in(state::established, 0), everything), left_alone::never_accepted);
  EXPECT_EQ(why(in(state::close_wait, 0), everything), left_alone::never_accepted);
  auto unnamed = in(state::close_wait);
  unnamed.cookie = 0;
  EXPECT_EQ(why(unnamed, everything), left_alone::no_cookie);
}

TEST(eligibility, a_time_wait_is_taken_under_the_conditions_of_its_reuse) {
  struct row {
    std::uint32_t age_ms;
    direction side;
    const char* time_stamps;
    const char* delay;
    std::optional<left_alone> expected;
  };
  const std::array rows{
      row{1'000, direction::outbound, "1", nullptr, left_alone::time_wait_young},
      row{1'001, direction::outbound, "1", nullptr, std::nullopt},
      row{1'001, direction::outbound, "1", "5000", left_alone::time_wait_young},
      row{101, direction::outbound, "1", "100", std::nullopt},
      row{30'000, direction::outbound, "0", nullptr, left_alone::time_wait_unsafe},
      row{30'000, direction::inbound, "1", nullptr, left_alone::time_wait_accepted},
      row{30'000, direction::unknown, "1", nullptr, left_alone::time_wait_accepted}};
  for (const auto& r : rows) {
    EXPECT_EQ(why_left_alone(time_wait(r.age_ms), r.side, 0, with(r.time_stamps, r.delay),
                             {.free_ports = true}),
              r.expected)
        << (&r - rows.data());
  }
  EXPECT_EQ(why(time_wait(30'000)), left_alone::time_wait);
  EXPECT_EQ(why_left_alone(time_wait(30'000), direction::outbound, 0, {}, {.free_ports = true}),
            left_alone::time_wait_unsafe)
      << "a setting that was not read";
}

TEST(eligibility, a_shutdown_takes_a_holder) {
  const reap_permissions gently{.how = close_way::shutdown, .free_ports = true};
  EXPECT_EQ(why(in(state::close_wait), gently), std::nullopt);
  EXPECT_EQ(why(in(state::close_wait), gently, direction::outbound, 0), left_alone::held_by_nobody);
  EXPECT_EQ(why(time_wait(30'000), gently), left_alone::held_by_nobody);
}

TEST(eligibility, every_reason_has_a_name_and_a_sentence_of_its_own) {
  std::map<std::string_view, left_alone> names;
  for (const auto reason : all_left_alone) {
    EXPECT_TRUE(names.emplace(to_string(reason), reason).second);
    EXPECT_GT(reason_of(reason).size(), 20U);
  }
}

}  // namespace
}  // namespace waitstate::remedy
