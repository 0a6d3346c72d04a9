#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(conntrack_full, warns_at_80_per_cent_and_is_critical_at_95) {
  auto s = host();
  s.host.conntrack_max = 1000;
  s.host.conntrack_count = 799;
  EXPECT_TRUE(conntrack_full(s).empty());
  s.host.conntrack_count = 800;
  EXPECT_EQ(conntrack_full(s).at(0).severity, severity::warning);
  s.host.conntrack_count = 950;
  const auto found = conntrack_full(s);
  EXPECT_EQ(found.at(0).severity, severity::critical);
  EXPECT_EQ(found[0].title, "the connection tracking table has 950 of 1,000 entries (95 %)");
}

TEST(conntrack_full, the_kernel_says_so) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(said(message_kind::conntrack_full, "nf_conntrack: table full"));
  const auto found = conntrack_full(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "the connection tracking table is full: the kernel drops packets");
  EXPECT_TRUE(mentions(found[0], "CLOSE-WAIT 60 s"));
}

TEST(conntrack_full, counters_tell_that_it_was_full_and_not_that_one_was_quicker) {
  auto s = paste(os_family::linux_kernel);
  auto& counters = s.namespaces[0].counters;
  counters = {{"Conntrack.drop", 3'456}, {"Conntrack.insert_failed", 3'456}};
  EXPECT_TRUE(conntrack_full(s).empty());
  counters["Conntrack.drop"] = 3'500;
  counters["Conntrack.early_drop"] = 9'012;
  const auto found = conntrack_full(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "the connection tracking table was full: 9,056 connections had to go or got no entry "
            "since boot");
  s.host.conntrack_max = 1'000;
  s.host.conntrack_count = 10;
  EXPECT_EQ(conntrack_full(s).at(0).severity, severity::info);
}

TEST(conntrack_full, default_time_outs_are_no_remedy) {
  auto s = host();
  s.host.conntrack_max = 1'000;
  s.host.conntrack_count = 900;
  constexpr auto key = "net.netfilter.nf_conntrack_tcp_timeout_close_wait";
  s.namespaces[0].sysctls[key] = "3600";
  EXPECT_TRUE(mentions(conntrack_full(s).at(0), "back to the kernel's defaults"));
  s.namespaces[0].sysctls[key] = "60";
  EXPECT_FALSE(mentions(conntrack_full(s).at(0), "back to the kernel's defaults"));
}

}  // namespace
}  // namespace waitstate::diagnosis
