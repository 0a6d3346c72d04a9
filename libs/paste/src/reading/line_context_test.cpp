#include "reading/line_context.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(line_context, is_near_a_command_for_a_few_lines) {
  line_context context;
  EXPECT_FALSE(context.is_near());
  EXPECT_TRUE(context.asks(command::tool::other));
  context.enter(parse_command("ulimit -n"));
  EXPECT_TRUE(context.asks(command::tool::fd_limit));
  for (int line = 0; line < 3; ++line) context.pass_over();
  EXPECT_TRUE(context.is_near());
  context.pass_over();
  EXPECT_FALSE(context.is_near());
  context.enter(parse_command("ulimit -n"));
  EXPECT_TRUE(context.is_near());
}

TEST(line_context, counts_looks) {
  line_context context;
  EXPECT_EQ(context.block(), 0U);
  context.enter({});
  EXPECT_EQ(context.block(), 1U);
  EXPECT_EQ(context.begin_look(), 2U);
  EXPECT_EQ(context.block(), 2U);
}

}  // namespace
}  // namespace waitstate::paste
