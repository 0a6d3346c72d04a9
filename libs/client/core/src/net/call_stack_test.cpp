#include "waitstate/client/core/call_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(call_stack, has_a_line_for_each_frame) {
  const auto text = call_stack::capture()->to_text();
  EXPECT_GT(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_TRUE(text.starts_with("    ")) << text;
  EXPECT_TRUE(text.ends_with('\n'));
}

TEST(stack_sampler, takes_every_nth_and_the_first) {
  stack_sampler sampler(3);
  std::string taken;
  for (int i = 0; i < 7; ++i) taken += sampler.next() ? '+' : '-';
  EXPECT_EQ(taken, "+--+--+");
}

TEST(stack_sampler, takes_none_when_it_is_off) {
  stack_sampler sampler(0);
  EXPECT_EQ(sampler.next(), nullptr);
}

}  // namespace
}  // namespace waitstate::client
