#include "command_line.h"

#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

TEST(command_line, is_the_words_of_the_selection) {
  EXPECT_EQ(command_line("sockets", {}), "waitstate sockets");
  EXPECT_EQ(command_line("sockets", *parse_selector("state:close-wait peer:10.0.0.7:80 port:80")),
            "waitstate sockets state:close-wait peer:10.0.0.7:80 port:80");
  EXPECT_EQ(command_line("watch", *parse_selector("port:80"), "blue"),
            "waitstate watch --netns blue port:80");
}

TEST(command_line, quotes_what_means_something_to_a_shell) {
  EXPECT_EQ(command_line("sockets", {.process = "tmux: server"}),
            "waitstate sockets 'process:tmux: server'");
  EXPECT_EQ(command_line("sockets", {.process = "$(reboot)"}),
            "waitstate sockets 'process:$(reboot)'");
  EXPECT_EQ(command_line("sockets", {.process = "a\"b\\c"}), "waitstate sockets 'process:a\"b\\c'");
  EXPECT_EQ(command_line("sockets", *parse_selector("peer:[::1]:80")),
            "waitstate sockets 'peer:[::1]:80'");
}

}  // namespace
}  // namespace waitstate::view
