#include "app/cli/shell_word.h"

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

TEST(shell_word, is_quoted_where_a_shell_would_see_more_in_it) {
  EXPECT_EQ(shell_word("net.ipv4.tcp_tw_reuse=1"), "net.ipv4.tcp_tw_reuse=1");
  EXPECT_EQ(shell_word("10240 65535"), "'10240 65535'");
  EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace waitstate::cli
