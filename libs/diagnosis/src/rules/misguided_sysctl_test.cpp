#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

TEST(misguided_sysctl, says_of_each_setting_why_it_is_none) {
  struct expectation {
    const char* key;
    const char* value;
    const char* why;
  };
  for (const auto& e :
       {expectation{"net.ipv4.tcp_fin_timeout", "30", "ownerless FIN-WAIT-2 only"},
        expectation{"net.ipv4.tcp_max_tw_buckets", "5000", "no port is gained"},
        expectation{"net.ipv4.tcp_timestamps", "0", "protection against old segments"},
        expectation{"net.ipv4.ip_local_port_range", "1024 65535",
                    "begins where services listen"}}) {
    auto s = host();
    s.namespaces[0].sysctls[e.key] = e.value;
    const auto found = misguided_sysctl(s);
    ASSERT_EQ(found.size(), 1U) << e.key;
    EXPECT_EQ(found[0].severity, severity::info) << e.key;
    EXPECT_THAT(found[0].evidence.back().value, HasSubstr(e.why));
    EXPECT_EQ(found[0].evidence.size(), found[0].remedies.size());
  }
}

TEST(misguided_sysctl, sane_values_are_not_mentioned) {
  auto s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_fin_timeout"] = "60";
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "1";
  s.namespaces[0].sysctls["net.ipv4.tcp_max_tw_buckets"] = "131072";
  EXPECT_TRUE(misguided_sysctl(s).empty());
}

TEST(misguided_sysctl, is_a_warning_where_it_does_harm) {
  auto s = host("1024 65535");
  s.listeners.push_back({.local = endpoint_of("0.0.0.0", 8080)});
  EXPECT_EQ(misguided_sysctl(s).at(0).severity, severity::warning);
  s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_max_tw_buckets"] = "5000";
  s.namespaces[0].totals.time_wait = 4'000;
  EXPECT_EQ(misguided_sysctl(s).at(0).severity, severity::warning);
}

TEST(misguided_sysctl, a_full_table_is_told_once_and_both_findings_set_the_same_value) {
  auto s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_max_tw_buckets"] = "5000";
  s.namespaces[0].totals.time_wait = 4'000;
  EXPECT_THAT(misguided_sysctl(s).at(0).remedies.at(0).command,
              HasSubstr("tcp_max_tw_buckets=\"131072\""));
  s.namespaces[0].totals.time_wait = 5'000;
  EXPECT_TRUE(misguided_sysctl(s).empty());
  EXPECT_THAT(time_wait_bucket_overflow(s).at(0).remedies.at(0).command,
              HasSubstr("tcp_max_tw_buckets=\"131072\""));
}

TEST(misguided_sysctl, reuse_without_timestamps_does_nothing) {
  auto s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "1";
  s.namespaces[0].sysctls["net.ipv4.tcp_timestamps"] = "0";
  EXPECT_THAT(misguided_sysctl(s).at(0).title, HasSubstr("tcp_tw_reuse = 1"));
}

}  // namespace
}  // namespace waitstate::diagnosis
