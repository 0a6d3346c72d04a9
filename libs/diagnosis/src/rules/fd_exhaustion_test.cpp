#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

process with_descriptors(std::uint64_t open, std::uint64_t limit) {
  return {.pid = 31, .name = "hoarder", .fd_count = open, .fd_limit = limit};
}

struct level {
  std::uint64_t open;
  std::optional<severity> expected;
};

TEST(fd_exhaustion, warns_at_80_per_cent_and_is_critical_at_95) {
  for (const auto& [open, expected] : {level{.open = 159, .expected = {}},
                                       {.open = 160, .expected = severity::warning},
                                       {.open = 189, .expected = severity::warning},
                                       {.open = 190, .expected = severity::critical},
                                       {.open = 207, .expected = severity::critical}}) {
    auto s = host();
    s.processes.push_back(with_descriptors(open, 200));
    const auto found = fd_exhaustion(s);
    ASSERT_EQ(found.size(), expected ? 1U : 0U) << open;
    if (expected) {
      EXPECT_EQ(found[0].severity, *expected) << open;
    }
  }
}

TEST(fd_exhaustion, says_what_holds_them) {
  auto s = host();
  auto p = with_descriptors(180, 200);
  p.fds = fd_kinds{.sockets = 12, .files = 167, .pipes = 1};
  s.processes.push_back(p);
  const auto found = fd_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "hoarder (pid 31) has 180 of 200 descriptors (90 %) open");
  EXPECT_EQ(found[0].subject.pid, 31);
  EXPECT_TRUE(mentions(found[0], "167 files, 12 sockets and 1 pipe"));
  EXPECT_TRUE(mentions(found[0], "Most of them are files"));
}

TEST(fd_exhaustion, names_a_leak_as_its_cause) {
  auto s = host();
  s.processes.push_back(with_descriptors(190, 200));
  put(s, to(state::close_wait, "10.0.0.7", 443, 150).of({.kind = ownership::owned}));
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "that leak is the cause"));
}

TEST(fd_exhaustion, says_what_most_descriptors_are_and_what_to_do_about_that_kind) {
  struct row {
    fd_kinds kinds;
    const char* advice;
  };
  for (const auto& [kinds, advice] :
       {row{{.sockets = 3, .files = 187}, "Close each file on every path"},
        {{.files = 3, .pipes = 187}, "Close both ends of each pipe"},
        {{.files = 3, .anonymous = 187}, "one event loop for the program"},
        {{.sockets = 187, .files = 3}, "they are in no TCP table"}}) {
    auto s = host();
    s.processes.push_back(with_descriptors(190, 200));
    s.processes[0].fds = kinds;
    s.processes[0].fd_targets = {{.target = "/etc/hostname", .count = 180}};
    const auto found = fd_exhaustion(s).at(0);
    EXPECT_TRUE(mentions(found, advice)) << advice;
    EXPECT_TRUE(mentions(found, "/etc/hostname") && mentions(found, "180 descriptors"));
    EXPECT_FALSE(mentions(found, "Close the connection on every path")) << advice;
  }
}

TEST(fd_exhaustion, says_whom_most_sockets_are_connected_to) {
  auto s = host();
  s.processes.push_back(with_descriptors(190, 200));
  s.processes[0].fds = fd_kinds{.sockets = 187, .files = 3};
  const owner_ref owner{.kind = ownership::owned, .process = 0};
  put(s, to(state::established, "10.78.6.2", 80, 94).of(owner));
  EXPECT_FALSE(mentions(fd_exhaustion(s).at(0), "ESTABLISHED to"));
  s.groups[0].count = 95;
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "95 ESTABLISHED to 10.78.6.2:80"));
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "Close the connection on every path"));
  s.groups[0] = on(state::established, 8080, "9.9.9.9", 180).of(owner).group;
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "180 ESTABLISHED on port 8080"));
  EXPECT_FALSE(mentions(fd_exhaustion(s).at(0), "Close the connection on every path"));
}

TEST(fd_exhaustion, raises_the_hard_limit_where_that_is_lower) {
  auto s = host();
  s.processes.push_back(with_descriptors(190, 200));
  s.processes[0].fd_limit_hard = 65'536;
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "--nofile=65536:\n"));
  s.processes[0].fd_limit_hard = 65'535;
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "--nofile=65536:65536\n"));
}

TEST(fd_exhaustion, a_complaint_alone_is_critical) {
  auto s = paste();
  s.messages.push_back(said(message_kind::too_many_open_files, "accept4: too many open files"));
  const auto found = fd_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "a program has run out of file descriptors");
}

TEST(fd_exhaustion, knows_the_host_wide_table) {
  auto s = host();
  s.host.open_files = 99'000;
  s.host.open_files_max = 100'000;
  EXPECT_EQ(fd_exhaustion(s).at(0).subject.kind, subject_kind::host);
}

TEST(fd_exhaustion, of_the_host_is_not_that_of_a_process) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(said(message_kind::file_table_full, "VFS: file-max limit 1000 reached"));
  s.host.open_files_max = 1'000;
  const auto found = fd_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "this host's table of open files is full at 1,000");
  EXPECT_TRUE(mentions(found[0], "fs.file-max"));
  EXPECT_FALSE(mentions(found[0], "LimitNOFILE"));
  s.host.os = os_family::freebsd;
  EXPECT_TRUE(mentions(fd_exhaustion(s).at(0), "kern.maxfiles"));
}

TEST(fd_exhaustion, at_the_limit_tells_of_the_queue_that_waits_for_accept) {
  auto s = host();
  const auto server = add_process(s, 12, "web");
  s.processes[0].fd_count = 64;
  s.processes[0].fd_limit = 64;
  put_listener(s, "0.0.0.0", 80, 61, 128, server);
  put(s, on(state::established, 80, "9.9.9.9", 61).of_nobody().aged(8'000));
  const auto found = fd_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "web (pid 12) has 64 of 64 descriptors (100 %) open, and 61 connections wait to be "
            "accepted on 0.0.0.0:80");
  EXPECT_TRUE(accept_queue_stuck(s).empty());
  s.processes[0].fd_count = 63;
  EXPECT_FALSE(fd_exhaustion(s).at(0).title.contains("wait")) << "it could accept one more";
  EXPECT_EQ(accept_queue_stuck(s).size(), 1U);
}

TEST(fd_exhaustion, says_for_how_long_none_of_the_connections_was_used) {
  auto s = host();
  const auto client = add_process(s, 12, "worker");
  s.processes[0].fd_count = 400;
  s.processes[0].fd_limit = 400;
  put(s, to(state::established, "10.78.6.2", 80, 395).of(client).newest(30'000));
  EXPECT_TRUE(
      mentions(fd_exhaustion(s).at(0), "395 ESTABLISHED to 10.78.6.2:80, none used for 30 s"));
  s.groups[0].newest->last_ack_ms = 999;
  EXPECT_FALSE(mentions(fd_exhaustion(s).at(0), "none used"));
}

TEST(fd_exhaustion, growth_that_reaches_the_limit_in_two_minutes_is_told_from_a_third_on) {
  struct row {
    std::uint64_t open;
    double growth;
    bool told;
  };
  constexpr row rows[] = {
      {600, 20, true}, {600, 7, false}, {499, 20, false}, {600, 0, false}, {600, -20, false}};
  for (const auto& [open, growth, told] : rows) {
    auto s = host();
    add_process(s, 5, "python3");
    s.processes[0].fd_count = open;
    s.processes[0].fd_limit = 1'500;
    s.processes[0].fd_growth_per_second = growth;
    const auto found = fd_exhaustion(s);
    ASSERT_EQ(found.size(), told ? 1U : 0U) << open << ' ' << growth;
    if (!told) continue;
    EXPECT_EQ(found[0].severity, severity::warning);
    EXPECT_TRUE(mentions(found[0], "20 more every second"));
    EXPECT_TRUE(mentions(found[0], "900 are left; at 20 more a second they are gone in 45 s"));
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
