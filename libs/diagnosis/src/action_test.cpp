#include "waitstate/diagnosis/action.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

tcp::endpoint at(std::string_view text) {
  return *tcp::parse_endpoint(text);
}

TEST(action, nothing_has_no_command_and_no_undo) {
  EXPECT_EQ(command_of({}), "");
  EXPECT_EQ(undo_of({}), "");
}

TEST(action, a_setting_is_undone_by_what_it_was) {
  const set_setting reuse{.key = "net.ipv4.tcp_tw_reuse", .value = "1", .before = "2"};
  EXPECT_EQ(command_of(reuse), "sysctl -w net.ipv4.tcp_tw_reuse=\"1\"\n");
  EXPECT_EQ(undo_of(reuse), "sysctl -w net.ipv4.tcp_tw_reuse=\"2\"");
  const set_setting not_read{.key = "net.core.somaxconn", .value = "4096"};
  EXPECT_EQ(undo_of(not_read), "set back what `sysctl net.core.somaxconn` printed before");
  const set_setting was_empty{
      .key = "net.ipv4.ip_local_reserved_ports", .value = "8080", .before = ""};
  EXPECT_EQ(undo_of(was_empty), "sysctl -w net.ipv4.ip_local_reserved_ports=\"\"");
}

TEST(action, sockets_are_looked_at_before_they_are_closed) {
  EXPECT_EQ(command_of(close_sockets{.remote = at("10.0.0.7:80")}),
            "ss -tn state close-wait '( dst 10.0.0.7 and dport = :80 )'    # first look at what it "
            "hits\n"
            "ss -K -tn state close-wait '( dst 10.0.0.7 and dport = :80 )'\n");
  EXPECT_FALSE(undo_of(close_sockets{}).empty());
}

TEST(action, sockets_are_selected_by_what_ss_understands) {
  const auto of = [](const close_sockets& c) {
    const auto command = command_of(c);
    return command.substr(command.find('\n') + 1);
  };
  EXPECT_EQ(of({.remote = at("[fd00::7]:443")}),
            "ss -K -tn state close-wait '( dst [fd00::7] and dport = :443 )'\n");
  EXPECT_EQ(of({.state = tcp::state::fin_wait_2, .local = {.address = {}, .port = 80}}),
            "ss -K -tn state fin-wait-2 '( sport = :80 )'\n");
  EXPECT_EQ(of({.state = tcp::state::syn_received}), "ss -K -tn state syn-recv\n");
  EXPECT_EQ(of({.remote = {.address = tcp::address::named(1), .port = 80}}),
            "ss -K -tn state close-wait '( dport = :80 )'\n");
}

}  // namespace
}  // namespace waitstate::diagnosis
