#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(time_wait_bucket_overflow, a_full_table_is_a_warning) {
  auto s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_max_tw_buckets"] = "1000";
  s.namespaces[0].totals.time_wait = 979;
  EXPECT_TRUE(time_wait_bucket_overflow(s).empty());
  s.namespaces[0].totals.time_wait = 1'000;
  const auto f = time_wait_bucket_overflow(s).at(0);
  EXPECT_EQ(f.severity, severity::warning);
  EXPECT_EQ(f.title, "the TIME-WAIT table is full: 1,000 of 1,000");
  EXPECT_EQ(f.remedies.at(0).undo, "sysctl -w net.ipv4.tcp_max_tw_buckets=\"1000\"");
}

TEST(time_wait_bucket_overflow, an_old_overflow_is_information_and_a_growing_one_a_warning) {
  auto s = host();
  s.namespaces[0].counters["TcpExt.TCPTimeWaitOverflow"] = 7;
  EXPECT_EQ(time_wait_bucket_overflow(s).at(0).severity, severity::info);
  s.namespaces[0].counter_rates["TcpExt.TCPTimeWaitOverflow"] = 3;
  EXPECT_EQ(time_wait_bucket_overflow(s).at(0).severity, severity::warning);
}

TEST(time_wait_bucket_overflow, the_kernels_own_word_is_enough) {
  auto s = paste();
  auto m = said(message_kind::time_wait_overflow, "TCP: time wait bucket table overflow");
  m.count = 488;
  s.messages.push_back(m);
  const auto f = time_wait_bucket_overflow(s).at(0);
  EXPECT_EQ(f.title, "the TIME-WAIT table overflowed: the kernel said so 488 times");
  EXPECT_THAT(f.remedies.at(0).text, testing::HasSubstr("never lower it"));
}

}  // namespace
}  // namespace waitstate::diagnosis
