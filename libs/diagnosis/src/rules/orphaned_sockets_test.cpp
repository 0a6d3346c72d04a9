#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(orphaned_sockets, near_the_limit) {
  auto s = host();
  s.host.sysctls["net.ipv4.tcp_max_orphans"] = "1000";
  s.namespaces[0].totals.orphan = 799;
  EXPECT_TRUE(orphaned_sockets(s).empty());
  s.namespaces[0].totals.orphan = 800;
  const auto found = orphaned_sockets(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "800 of 1,000 (tcp_max_orphans) sockets have no owner and still data or a FIN to send");
}

TEST(orphaned_sockets, the_kernel_says_so_while_the_count_is_quiet) {
  auto s = paste(os_family::linux_kernel);
  s.namespaces[0].sysctls["net.ipv4.tcp_max_orphans"] = "1024";
  s.namespaces[0].totals.orphan = 40;
  s.messages.push_back(said(message_kind::too_many_orphans, "TCP: too many orphaned sockets"));
  const auto found = orphaned_sockets(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "the kernel resets connections: too many orphaned sockets for tcp_max_orphans 1,024");
  EXPECT_TRUE(mentions(found[0], "a quiet moment"));
  EXPECT_TRUE(mentions(found[0], "TCP_USER_TIMEOUT"));
}

TEST(orphaned_sockets, are_told_by_what_the_kernel_reset_for_want_of_room) {
  struct row {
    std::uint64_t reset, orphans, sockets, opened;
    std::size_t told;
  };
  constexpr row rows[] = {{54, 10, 14, 0, 1},         // Most of all sockets now,
                          {54, 0, 14, 20'000, 1},     // many of all connections,
                          {54, 0, 14, 2'000'000, 0},  // few of them,
                          {9, 10, 14, 1, 0},
                          {0, 10, 14, 0, 0}};
  for (const auto& [reset, orphans, sockets, opened, told] : rows) {
    auto s = paste();
    auto& ns = s.namespaces[0];
    if (reset > 0) ns.counters["TcpExt.TCPAbortOnMemory"] = reset;
    if (opened > 0) ns.counters["Tcp.ActiveOpens"] = opened;
    ns.totals.orphan = orphans;
    ns.totals.in_use = sockets;
    EXPECT_EQ(orphaned_sockets(s).size(), told) << reset << " " << orphans << " " << opened;
  }
}

TEST(orphaned_sockets, are_what_old_kernels_mean_by_socket_memory_where_memory_has_room) {
  auto s = paste(os_family::linux_kernel);
  s.namespaces[0].sysctls["net.ipv4.tcp_mem"] = "3480768 4641024 6961536";
  s.namespaces[0].totals.memory_pages = 102'910;
  s.namespaces[0].totals.orphan = 126'800;
  s.messages.push_back(said(message_kind::tcp_memory, "kernel: Out of socket memory"));
  const auto found = orphaned_sockets(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certainty.confidence, confidence::likely);
  EXPECT_TRUE(found[0].title.contains("126,800 sockets have no owner")) << found[0].title;
  EXPECT_TRUE(tcp_memory(s).empty());
}

TEST(orphaned_sockets, that_are_most_of_all_are_told_without_their_limit) {
  auto s = paste();
  s.namespaces[0].totals.orphan = 39'000;
  s.namespaces[0].totals.established = 700;
  const auto found = orphaned_sockets(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certainty.confidence, confidence::possible);
  EXPECT_TRUE(found[0].title.starts_with("39,000 sockets have no owner")) << found[0].title;
  s.namespaces[0].totals.established = 39'001;
  EXPECT_TRUE(orphaned_sockets(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
