#include "waitstate/remedy/guard/memory.h"

#include <gtest/gtest.h>

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;

memory whole() {
  incident one{.who = {.net_namespace = 4'026'531'840, .pid = 812, .process = "ja\"va\n"},
               .began = 5s,
               .last_over = 65s,
               .last_command = 7s,
               .most = 400,
               .closed = 380};
  incident two = one;
  two.last_command.reset();
  two.who = {.net_namespace = 1,
             .source = tcp::parse_address("fd00::1").value_or(tcp::address{}),
             .destination = tcp::parse_endpoint("[fd00::7]:80")};
  return {.boot_id = "3d12",
          .rules = {{.rule = "leak", .open = {one, two}, .spent = {{.at = 5s, .count = 9}}},
                    {.rule = "other", .is_stopped = true}}};
}

TEST(memory, is_read_back_as_it_was) {
  const auto again = parse_memory(to_json(whole()));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, whole());
  EXPECT_EQ(parse_memory(to_json({})), memory{});
}

TEST(memory, anything_else_is_an_error) {
  const auto text = to_json(whole());
  EXPECT_FALSE(parse_memory(""));
  EXPECT_FALSE(parse_memory("{}"));
  EXPECT_FALSE(parse_memory("[1]"));
  EXPECT_FALSE(parse_memory(R"({"schema": 2, "boot_id": "", "rules": []})"));
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    const auto cut = parse_memory(text.substr(0, length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, errc::corrupt);
  }
  auto strange = text;
  strange.replace(strange.find("[fd00::7]:80"), 12, "nowhere at a");
  EXPECT_FALSE(parse_memory(strange));
  auto many = whole();
  many.rules[0].open.resize(rule_memory::incidents_max + 1, many.rules[0].open.front());
  EXPECT_FALSE(parse_memory(to_json(many)));
}

TEST(memory, a_person_lets_rules_act_again) {
  auto m = whole();
  m.resume();
  EXPECT_FALSE(m.rules[1].is_stopped);
  EXPECT_TRUE(m.rules[1].is_resumed);
  EXPECT_FALSE(m.rules[0].is_resumed) << "it was not stopped";
  EXPECT_EQ(m.rules[0].spent.size(), 1U) << "whoever reloads it each minute has no more than that";
  EXPECT_EQ(m.rules[0].open.size(), 2U) << "what is open stays known";
}

TEST(moment, goes_on_and_knows_its_boot) {
  const auto first = moment_now();
  const auto second = moment_now();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->boot_id, second->boot_id);
  EXPECT_GE(second->since_boot, first->since_boot);
  EXPECT_GT(first->since_boot.count(), 0);
}

}  // namespace
}  // namespace waitstate::remedy::guard
