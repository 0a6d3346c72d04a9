#include "waitstate/remedy/guard/judgement.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

policy policy_of(rule_action action, std::uint64_t per_minute = 100) {
  rule r{.name = "leak", .action = action, .per_minute = per_minute, .quiet = 60s};
  r.when.count = 10;
  if (action == rule_action::run) r.command = {"/bin/true"};
  return {.rules = {r}};
}

sighting seen_of(std::int32_t pid, std::uint64_t count) {
  return {.rule = 0,
          .who = {.net_namespace = 1, .pid = pid, .process = "java"},
          .count = count,
          .closable = count};
}

/// A guard whose looks are given.
class looks {
 public:
  explicit looks(policy p) : policy_(std::move(p)) {}

  decision look(milliseconds at, std::vector<sighting> seen, bool looked_at = true) {
    const census now{.seen = std::move(seen), .looked_at = {looked_at}, .troubles = {}};
    auto made = judge(policy_, now, memory_, {.boot_id = boot, .since_boot = at});
    memory_ = made.after;
    return made;
  }

  std::string boot = "boot-1";
  policy policy_;
  memory memory_;
};

std::vector<happening> happenings(const decision& d) {
  std::vector<happening> all;
  for (const auto& n : d.notices) all.push_back(n.what);
  return all;
}

TEST(judgement, a_leak_is_told_once_and_once_more_when_it_has_ended) {
  looks guard(policy_of(rule_action::report));
  EXPECT_THAT(happenings(guard.look(0s, {seen_of(7, 9)})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(10s, {seen_of(7, 10)})), ElementsAre(happening::begins));
  EXPECT_THAT(happenings(guard.look(20s, {seen_of(7, 30)})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(30s, {seen_of(7, 9)})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(79s, {})), IsEmpty()) << "not quiet for a minute yet";
  const auto ended = guard.look(80s, {});
  ASSERT_THAT(happenings(ended), ElementsAre(happening::ends));
  EXPECT_EQ(ended.notices[0].most, 30U);
  EXPECT_EQ(ended.notices[0].lasted, 10s);
  EXPECT_EQ(ended.notices[0].seen.who.pid, 7);
  EXPECT_THAT(happenings(guard.look(90s, {})), IsEmpty());
}

TEST(judgement, what_comes_again_within_the_quiet_period_is_the_same_leak) {
  looks guard(policy_of(rule_action::report));
  static_cast<void>(guard.look(0s, {seen_of(7, 10)}));
  EXPECT_THAT(happenings(guard.look(50s, {})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(59s, {seen_of(7, 12)})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(110s, {})), IsEmpty());
  EXPECT_THAT(happenings(guard.look(119s, {})), ElementsAre(happening::ends));
}

TEST(judgement, each_owner_is_a_leak_of_its_own) {
  looks guard(policy_of(rule_action::reap));
  const auto both = guard.look(0s, {seen_of(7, 10), seen_of(8, 9), seen_of(9, 11)});
  EXPECT_EQ(both.notices.size(), 2U);
  ASSERT_EQ(both.deeds.size(), 2U);
  EXPECT_EQ(both.deeds[0].seen.who.pid, 7);
  EXPECT_EQ(both.deeds[0].at_most, 10U);
  EXPECT_EQ(both.deeds[1].seen.who.pid, 9);
}

TEST(judgement, nothing_is_said_of_what_could_not_be_looked_at) {
  looks guard(policy_of(rule_action::report));
  static_cast<void>(guard.look(0s, {seen_of(7, 10)}));
  EXPECT_THAT(happenings(guard.look(500s, {}, false)), IsEmpty());
  EXPECT_THAT(happenings(guard.look(510s, {})), ElementsAre(happening::ends));
}

TEST(judgement, a_rule_that_would_pass_its_limit_stops_and_says_so_once) {
  looks guard(policy_of(rule_action::reap, 40));
  EXPECT_EQ(guard.look(0s, {seen_of(7, 30)}).deeds.size(), 1U);
  const auto stopped = guard.look(10s, {seen_of(7, 11)});
  EXPECT_THAT(happenings(stopped), ElementsAre(happening::stops));
  EXPECT_THAT(stopped.deeds, IsEmpty());
  EXPECT_EQ(stopped.notices[0].closed, 30U);
  const auto later = guard.look(500s, {seen_of(7, 11)});
  EXPECT_THAT(later.deeds, IsEmpty()) << "until a person lets it go on";
  EXPECT_THAT(later.notices, IsEmpty());
  guard.memory_.resume();
  EXPECT_EQ(guard.look(510s, {seen_of(7, 11)}).deeds.size(), 1U);
}

TEST(judgement, a_rule_that_was_let_closes_what_its_limit_allows_until_the_leak_has_ended) {
  looks guard(policy_of(rule_action::reap, 40));
  EXPECT_THAT(happenings(guard.look(0s, {seen_of(7, 100)})),
              ElementsAre(happening::begins, happening::stops));
  guard.memory_.resume();
  const auto first = guard.look(10s, {seen_of(7, 100)});
  ASSERT_EQ(first.deeds.size(), 1U);
  EXPECT_EQ(first.deeds[0].at_most, 40U);
  EXPECT_THAT(first.notices, IsEmpty());
  guard.memory_.resume();  // somebody reloads it each second
  EXPECT_THAT(guard.look(20s, {seen_of(7, 60)}).deeds, IsEmpty()) << "its minute is spent";
  EXPECT_EQ(guard.look(70s, {seen_of(7, 60)}).deeds[0].at_most, 40U);
  EXPECT_EQ(guard.look(130s, {seen_of(7, 20)}).deeds[0].at_most, 20U);
  EXPECT_THAT(happenings(guard.look(200s, {})), ElementsAre(happening::ends));
  EXPECT_THAT(happenings(guard.look(300s, {seen_of(7, 100)})),
              ElementsAre(happening::begins, happening::stops))
      << "the next one is looked at by a person again";
}

TEST(judgement, a_limit_is_for_any_minute) {
  looks guard(policy_of(rule_action::reap, 40));
  EXPECT_EQ(guard.look(0s, {seen_of(7, 20)}).deeds.size(), 1U);
  EXPECT_EQ(guard.look(30s, {seen_of(7, 20)}).deeds.size(), 1U);
  EXPECT_EQ(guard.look(60s, {seen_of(7, 20)}).deeds.size(), 1U) << "the first is a minute ago";
  EXPECT_THAT(guard.look(70s, {seen_of(7, 20)}).deeds, IsEmpty());
}

TEST(judgement, what_was_not_closed_in_the_end_does_not_count) {
  looks guard(policy_of(rule_action::reap, 40));
  const auto made = guard.look(0s, {seen_of(7, 30)});
  note_closed(guard.memory_, guard.policy_, made.deeds[0], 5);
  EXPECT_EQ(guard.memory_.rules[0].spent[0].count, 5U);
  EXPECT_EQ(guard.memory_.rules[0].open[0].closed, 5U);
  EXPECT_EQ(guard.look(10s, {seen_of(7, 30)}).deeds.size(), 1U);
}

TEST(judgement, only_what_may_be_closed_is) {
  looks guard(policy_of(rule_action::reap));
  auto s = seen_of(7, 30);
  s.closable = 0;
  EXPECT_THAT(guard.look(0s, {s}).deeds, IsEmpty());
  s.closable = 4;
  EXPECT_EQ(guard.look(10s, {s}).deeds[0].at_most, 4U);
}

TEST(judgement, a_command_is_run_again_after_the_quiet_period_if_it_did_not_help) {
  looks guard(policy_of(rule_action::run, 1));
  EXPECT_EQ(guard.look(0s, {seen_of(7, 10)}).deeds.size(), 1U);
  EXPECT_THAT(guard.look(59s, {seen_of(7, 10)}).deeds, IsEmpty());
  EXPECT_EQ(guard.look(60s, {seen_of(7, 10)}).deeds.size(), 1U);
}

TEST(judgement, commands_have_a_limit_too_and_wait_for_their_turn) {
  looks guard(policy_of(rule_action::run, 1));
  EXPECT_EQ(guard.look(0s, {seen_of(7, 10), seen_of(8, 10)}).deeds.size(), 1U);
  EXPECT_THAT(guard.look(30s, {seen_of(8, 10)}).deeds, IsEmpty());
  const auto later = guard.look(60s, {seen_of(8, 10)});
  ASSERT_EQ(later.deeds.size(), 1U);
  EXPECT_EQ(later.deeds[0].seen.who.pid, 8);
}

TEST(judgement, after_a_start_of_the_host_all_has_ended_and_a_stop_stays) {
  looks guard(policy_of(rule_action::reap, 5));
  static_cast<void>(guard.look(500s, {seen_of(7, 10)}));
  ASSERT_TRUE(guard.memory_.rules[0].is_stopped);
  guard.boot = "boot-2";
  const auto after = guard.look(5s, {seen_of(7, 10)});
  ASSERT_THAT(happenings(after), ElementsAre(happening::ends, happening::begins));
  EXPECT_THAT(after.notices[0].why, testing::HasSubstr("started again"));
  EXPECT_THAT(after.deeds, IsEmpty());
  EXPECT_EQ(after.after.boot_id, "boot-2");
}

TEST(judgement, times_of_the_future_are_taken_for_now) {
  looks guard(policy_of(rule_action::reap, 20));
  static_cast<void>(guard.look(1'000s, {seen_of(7, 10)}));
  for (auto& r : guard.memory_.rules) {
    r.open[0].began = r.open[0].last_over = 900'000s;
    r.spent[0].at = 900'000s;
  }
  static_cast<void>(guard.look(1'010s, {}));
  EXPECT_EQ(guard.memory_.rules[0].open[0].last_over, 1'010s);
  EXPECT_THAT(happenings(guard.look(1'070s, {})), ElementsAre(happening::ends));
  EXPECT_THAT(guard.memory_.rules[0].spent, IsEmpty());
}

TEST(judgement, what_no_rule_watches_any_more_has_ended) {
  looks guard(policy_of(rule_action::report));
  static_cast<void>(guard.look(0s, {seen_of(7, 10)}));
  guard.policy_.rules[0].name = "another";
  const auto after = guard.look(10s, {seen_of(7, 10)});
  ASSERT_THAT(happenings(after), ElementsAre(happening::ends, happening::begins));
  EXPECT_EQ(after.notices[0].rule, "leak");
  EXPECT_EQ(after.after.rules.size(), 1U);
}

TEST(judgement, may_be_asked_not_to_act) {
  looks guard(policy_of(rule_action::reap));
  const census now{.seen = {seen_of(7, 10)}, .looked_at = {true}, .troubles = {}};
  const auto made = judge(guard.policy_, now, {}, {.boot_id = "b", .since_boot = 5s}, false);
  EXPECT_THAT(happenings(made), ElementsAre(happening::begins));
  EXPECT_THAT(made.deeds, IsEmpty());
  EXPECT_THAT(made.after.rules[0].spent, IsEmpty());
}

TEST(judgement, is_bounded) {
  looks guard(policy_of(rule_action::report));
  std::vector<sighting> many;
  for (std::int32_t pid = 1; pid <= 2'000; ++pid) many.push_back(seen_of(pid, 10));
  const auto made = guard.look(0s, many);
  EXPECT_EQ(made.notices.size(), rule_memory::incidents_max);
  EXPECT_EQ(made.after.rules[0].open.size(), rule_memory::incidents_max);
}

TEST(judgement, is_bounded_over_all_rules_so_that_what_is_kept_can_be_read_again) {
  auto p = policy_of(rule_action::report);
  p.rules.resize(policy::rules_max, p.rules.front());
  census now{.seen = {}, .looked_at = std::vector<bool>(p.rules.size(), true), .troubles = {}};
  for (std::size_t i = 0; i < p.rules.size(); ++i) {
    p.rules[i].name = std::string(60, 'x') + std::to_string(i);
    for (std::int32_t pid = 1; pid <= 1'000; ++pid) {
      auto s = seen_of(pid + 4'000'000, 10);
      s.rule = i;
      s.who.process = std::string(15, '\x01');
      s.who.destination = tcp::endpoint{};
      now.seen.push_back(s);
    }
  }
  const auto made = judge(p, now, {}, {.boot_id = "b", .since_boot = 999'999'999s});
  EXPECT_EQ(made.notices.size(), memory::incidents_max);
  EXPECT_LT(to_json(made.after).size(), std::size_t{4} * 1024 * 1024);
}

}  // namespace
}  // namespace waitstate::remedy::guard
