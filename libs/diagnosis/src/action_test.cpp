#include "waitstate/diagnosis/action.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

close_sockets closing(std::string_view selected) {
  return {.selected = *parse_selector(selected)};
}

TEST(action, nothing_has_no_command_and_no_undo) {
  EXPECT_EQ(command_of({}), "");
  EXPECT_EQ(undo_of({}), "");
}

TEST(action, a_setting_is_undone_by_what_it_was) {
  const set_setting reuse{.key = "net.ipv4.tcp_tw_reuse", .value = "1", .before = "2"};
  EXPECT_EQ(command_of(reuse),
            "waitstate tune net.ipv4.tcp_tw_reuse=1    # --apply sets and keeps it\n"
            "sysctl -w net.ipv4.tcp_tw_reuse=\"1\"    # without waitstate, until the next boot\n");
  EXPECT_EQ(undo_of(reuse), "sysctl -w net.ipv4.tcp_tw_reuse=\"2\"");
  const set_setting not_read{.key = "net.core.somaxconn", .value = "4096"};
  EXPECT_EQ(undo_of(not_read), "set back what `sysctl net.core.somaxconn` printed before");
  const set_setting was_empty{
      .key = "net.ipv4.ip_local_reserved_ports", .value = "8080", .before = ""};
  EXPECT_EQ(undo_of(was_empty), "sysctl -w net.ipv4.ip_local_reserved_ports=\"\"");
}

TEST(action, sockets_are_looked_at_before_they_are_closed) {
  EXPECT_EQ(
      command_of(closing("state:close-wait peer:10.0.0.7:80")),
      "waitstate reap state:close-wait peer:10.0.0.7:80    # what it hits; --apply closes it\n"
      "ss -K -tn state close-wait '( dst 10.0.0.7 and dport = :80 )'    # without waitstate, "
      "at once\n"
      "waitstate guard --suggest state:close-wait peer:10.0.0.7:80    # a policy for the next "
      "time\n");
  EXPECT_FALSE(undo_of(close_sockets{}).empty());
}

TEST(action, sockets_are_selected_by_what_ss_understands) {
  const auto of = [](std::string_view selected) {
    const auto command = command_of(closing(selected));
    const auto second = command.substr(command.find('\n') + 1);
    return second.substr(0, second.find("    #"));
  };
  EXPECT_EQ(of("state:close-wait peer:[fd00::7]:443"),
            "ss -K -tn state close-wait '( dst [fd00::7] and dport = :443 )'");
  EXPECT_EQ(of("state:close-wait peer:10.0.0.0/8"),
            "ss -K -tn state close-wait '( dst 10.0.0.0/8 )'");
  EXPECT_EQ(of("state:fin-wait-2,last-ack local-port:80"),
            "ss -K -tn state fin-wait-2 state last-ack '( sport = :80 )'");
  EXPECT_EQ(of("state:syn-received peer-port:80 port:81"),
            "ss -K -tn state syn-recv '( dport = :80 and ( sport = :81 or dport = :81 ) )'");
}

TEST(action, a_selection_that_ss_cannot_make_is_reaped_alone) {
  for (const std::string_view selected :
       {"state:close-wait process:nginx", "state:close-wait older:5m",
        "state:close-wait direction:outbound", "unread:none"}) {
    EXPECT_EQ(command_of(closing(selected)),
              fmt::format("waitstate reap {0}    # what it hits; --apply closes it\n"
                          "waitstate guard --suggest {0}    # a policy for the next time\n",
                          selected));
  }
}

TEST(action, brackets_are_quoted) {
  EXPECT_THAT(command_of(closing("peer:[fd00::7]:443")),
              testing::StartsWith("waitstate reap 'peer:[fd00::7]:443' "));
}

TEST(action, a_name_that_means_something_to_a_shell_is_in_no_command) {
  for (const auto* process : {"a b", "$(reboot)", "x;y", "it's", "a\nb", "`id`", "\xff", "~root"}) {
    EXPECT_EQ(command_of(close_sockets{.selected = {.process = process}}), "") << process;
  }
  EXPECT_EQ(command_of(close_sockets{}), "");
}

}  // namespace
}  // namespace waitstate::diagnosis
