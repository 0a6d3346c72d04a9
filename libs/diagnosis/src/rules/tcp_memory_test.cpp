#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

snapshot with_pages(std::uint64_t pages) {
  auto s = host();
  s.host.sysctls["net.ipv4.tcp_mem"] = "100 200 300";
  s.namespaces[0].totals.memory_pages = pages;
  return s;
}

TEST(tcp_memory, warns_under_pressure_and_is_critical_at_the_limit) {
  EXPECT_TRUE(tcp_memory(with_pages(199)).empty());
  EXPECT_EQ(tcp_memory(with_pages(200)).at(0).severity, severity::warning);
  EXPECT_EQ(tcp_memory(with_pages(299)).at(0).severity, severity::warning);
  const auto found = tcp_memory(with_pages(300));
  EXPECT_EQ(found.at(0).severity, severity::critical);
  EXPECT_EQ(found[0].title, "TCP holds 1.2 MiB of the 1.2 MiB that it may use");
}

TEST(tcp_memory, says_nothing_without_the_thresholds) {
  auto s = with_pages(1'000'000);
  for (const auto* value : {"", "100", "100 200", "x y z", "0 0 0"}) {
    s.host.sysctls["net.ipv4.tcp_mem"] = value;
    EXPECT_TRUE(tcp_memory(s).empty()) << value;
  }
}

TEST(tcp_memory, the_kernel_says_so) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(said(message_kind::tcp_memory, "TCP: out of memory -- consider tuning"));
  const auto found = tcp_memory(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_TRUE(mentions(found[0], "consider tuning"));
}

TEST(tcp_memory, is_silent_where_orphans_explain_what_the_kernel_said) {
  auto s = with_pages(99);
  s.messages.push_back(said(message_kind::tcp_memory, "Out of socket memory"));
  s.host.sysctls["net.ipv4.tcp_max_orphans"] = "1000";
  s.namespaces[0].totals.orphan = 1'000;
  EXPECT_TRUE(tcp_memory(s).empty());
  const auto found = orphaned_sockets(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "Out of socket memory"));
  s.namespaces[0].totals.memory_pages = 300;
  EXPECT_EQ(tcp_memory(s).size(), 1U);
}

TEST(tcp_memory, that_has_room_again_is_no_longer_critical) {
  auto s = with_pages(99);
  s.messages.push_back(said(message_kind::tcp_memory, "TCP: out of memory -- consider tuning"));
  EXPECT_EQ(tcp_memory(s).at(0).severity, severity::warning);
}

}  // namespace
}  // namespace waitstate::diagnosis
