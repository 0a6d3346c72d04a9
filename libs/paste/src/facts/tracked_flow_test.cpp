#include "facts/tracked_flow.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(tracked_flow, is_read_from_conntrack_and_from_proc) {
  struct row {
    std::string_view line, state, from, to;
    bool unreplied;
  };
  constexpr row rows[] = {
      {"tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=51234 dport=80 src=10.0.0.2 "
       "dst=10.0.0.1 sport=80 dport=51234 [ASSURED] mark=0 use=1",
       "ESTABLISHED", "10.0.0.1:51234", "10.0.0.2:80", false},
      {"ipv4     2 tcp      6 115 SYN_SENT src=10.0.0.1 dst=10.9.9.9 sport=40000 dport=443 "
       "[UNREPLIED] "
       "src=10.9.9.9 dst=192.0.2.1 sport=443 dport=40000 mark=0 zone=0 use=2",
       "SYN_SENT", "10.0.0.1:40000", "10.9.9.9:443", true},
      {"    [NEW] tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=51234 dport=80 "
       "[UNREPLIED] "
       "src=10.0.0.2 dst=10.0.0.1 sport=80 dport=51234",
       "SYN_SENT", "10.0.0.1:51234", "10.0.0.2:80", true},
      {"ipv6     10 tcp      6 58 CLOSE_WAIT src=fe80::1 dst=fe80::2 sport=1 dport=8080 "
       "src=fe80::2 "
       "dst=fe80::1 sport=8080 dport=1 [ASSURED] mark=0 use=1",
       "CLOSE_WAIT", "[fe80::1]:1", "[fe80::2]:8080", false},
  };
  for (const auto& r : rows) {
    const auto flow = read_tracked_flow(r.line);
    ASSERT_TRUE(flow) << r.line;
    EXPECT_EQ(flow->state, r.state);
    EXPECT_EQ(tcp::to_string(flow->opened.local), r.from);
    EXPECT_EQ(tcp::to_string(flow->opened.remote), r.to);
    EXPECT_EQ(flow->unreplied, r.unreplied);
  }
}

TEST(tracked_flow, is_none_elsewhere) {
  for (const std::string_view line :
       {"", "udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=53 dport=53", "tcp 6 src=1 dst=2",
        "tcp 0 0 10.0.0.1:80 10.0.0.2:4000 ESTABLISHED",
        "tcp 6 120 SYN_SENT src=x dst=10.0.0.2 sport=51234 dport=80"}) {
    EXPECT_EQ(read_tracked_flow(line), std::nullopt) << line;
  }
}

TEST(tracked_flow, the_tool_says_how_many_there_are) {
  EXPECT_EQ(
      read_tracked_total("conntrack v1.4.6 (conntrack-tools): 65123 flow entries have been shown."),
      65123U);
  EXPECT_EQ(read_tracked_total("65123 flow entries"), std::nullopt);
}

}  // namespace
}  // namespace waitstate::paste
