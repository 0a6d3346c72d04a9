#include "filter_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using testing::HasSubstr;

prompt_end type_all(filter_prompt& p, std::string_view text) {
  auto last = prompt_end::goes_on;
  for (const char c : text) last = type(p, {.text = std::string(1, c)});
  return last;
}

TEST(filter_prompt, filters_while_it_is_typed) {
  auto p = open_prompt({});
  EXPECT_EQ(type_all(p, "state:close-wait"), prompt_end::goes_on);
  EXPECT_EQ(to_text(p.chosen), "state:close-wait");
  EXPECT_EQ(p.wrong, "");
}

TEST(filter_prompt, keeps_the_filter_and_the_text_while_a_word_is_wrong) {
  auto p = open_prompt({});
  std::ignore = type_all(p, "process:nginx stat:");
  EXPECT_EQ(to_text(p.chosen), "process:nginx");
  EXPECT_EQ(p.text, "process:nginx stat:");
  EXPECT_THAT(p.wrong, HasSubstr("stat"));
  for (int i = 0; i < 5; ++i) std::ignore = type(p, {.kind = key_kind::backspace});
  EXPECT_EQ(p.wrong, "");
}

TEST(filter_prompt, begins_with_the_filter_that_is_set) {
  auto p = open_prompt(*parse_selector("port:80"));
  EXPECT_EQ(p.text, "port:80");
  EXPECT_EQ(type(p, {.kind = key_kind::enter}), prompt_end::kept);
  EXPECT_EQ(type(p, {.kind = key_kind::escape}), prompt_end::dropped);
}

TEST(filter_prompt, removes_a_character_whatever_its_length) {
  auto p = open_prompt({});
  std::ignore = type_all(p, "process:");
  std::ignore = type(p, {.text = "ä"});
  EXPECT_EQ(p.chosen.process, "ä");
  std::ignore = type(p, {.kind = key_kind::backspace});
  EXPECT_EQ(p.text, "process:");
}

TEST(filter_prompt, is_empty_after_its_line_is_erased_and_closes_with_one_more) {
  auto p = open_prompt(*parse_selector("port:80"));
  EXPECT_EQ(type(p, {.kind = key_kind::erase_line}), prompt_end::goes_on);
  EXPECT_EQ(p.chosen, socket_selector{});
  EXPECT_EQ(type(p, {.kind = key_kind::backspace}), prompt_end::dropped);
}

TEST(filter_prompt, is_bounded) {
  auto p = open_prompt({});
  std::ignore = type_all(p, std::string(10'000, 'x'));
  EXPECT_EQ(p.text.size(), filter_prompt::text_max);
}

}  // namespace
}  // namespace waitstate::view
