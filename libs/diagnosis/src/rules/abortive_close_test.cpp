#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(abortive_close, more_than_a_tenth_and_a_thousand_since_boot) {
  auto s = host();
  auto& counters = s.namespaces[0].counters;
  counters = {{"Tcp.ActiveOpens", 5'000},
              {"Tcp.PassiveOpens", 5'000},
              {"TcpExt.TCPAbortOnData", 800},
              {"TcpExt.TCPAbortOnClose", 200}};
  EXPECT_TRUE(abortive_close(s).empty()) << "exactly a tenth";
  counters["TcpExt.TCPAbortOnData"] = 1'800;
  const auto found = abortive_close(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "20 % of connections end in a reset from this host: 2,000 of 10,000 since boot");
  counters = {{"Tcp.ActiveOpens", 900}, {"TcpExt.TCPAbortOnData", 900}};
  EXPECT_TRUE(abortive_close(s).empty()) << "too few to judge";
}

TEST(abortive_close, two_looks_decide_over_the_past) {
  auto s = host();
  s.interval = std::chrono::seconds(10);
  auto& ns = s.namespaces[0];
  ns.counters = {{"Tcp.ActiveOpens", 10'000}, {"TcpExt.TCPAbortOnData", 9'000}};
  ns.counter_rates = {{"Tcp.ActiveOpens", 50}, {"TcpExt.TCPAbortOnData", 0}};
  EXPECT_TRUE(abortive_close(s).empty());
  ns.counter_rates["TcpExt.TCPAbortOnClose"] = 10;
  const auto found = abortive_close(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "thrown away"));
}

TEST(abortive_close, a_capture_shows_which_side_resets) {
  auto s = paste();
  s.captured = {{.service = endpoint_of("10.0.0.7", 8080),
                 .direction = direction::outbound,
                 .flows = 20,
                 .closed_there = 20,
                 .reset_there = 2,
                 .reset_unread_there = 2}};
  EXPECT_TRUE(abortive_close(s).empty());
  s.captured[0].reset_unread_there = 3;
  const auto found = abortive_close(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(
      found[0].title,
      "the peer resets 3 of 20 connections to 10.0.0.7:8080 while data of the other side was not "
      "answered");
  s.captured[0].closed_there = 31;
  EXPECT_TRUE(abortive_close(s).empty());
}

TEST(abortive_close, counts_no_connect_that_came_to_nothing) {
  auto s = paste();
  s.namespaces[0].counters = {{"Tcp.ActiveOpens", 21'000},
                              {"Tcp.PassiveOpens", 2'000},
                              {"Tcp.AttemptFails", 17'000},
                              {"TcpExt.TCPAbortOnData", 1'500}};
  const auto found = abortive_close(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "25 % of connections end in a reset from this host: 1,500 of 6,000 since boot");
  s.namespaces[0].counters["Tcp.AttemptFails"] = 1'000;
  EXPECT_TRUE(abortive_close(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
