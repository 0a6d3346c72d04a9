#include "look/socket_owners.h"

#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

descriptor_scan scan_of_this_process() {
  descriptor_scan scan;
  scan.processes.push_back({.pid = 1, .net_namespace = 5});
  scan.processes.push_back(
      {.pid = ::getpid(), .net_namespace = 6, .fd_count = 10, .kinds = {.sockets = 2}});
  scan.owners.insert({.inode = 9001, .process = 1, .fd = 3});
  return scan;
}

snapshot finished(snapshot_builder& builder) {
  return builder.finish(std::chrono::system_clock::time_point{});
}

TEST(socket_owners, puts_only_processes_that_own_a_socket_into_the_snapshot) {
  snapshot_builder builder;
  builder.add_namespace({.inode = 5});
  builder.add_namespace({.inode = 6});
  socket_owners owners(scan_of_this_process(), builder);
  const auto owner = owners.owner_of({.inode = 9001});
  EXPECT_EQ(owner, owners.owner_of({.inode = 9001}));
  owners.finish({{.inode = 5, .index = 0}, {.inode = 6, .index = 1}});

  const auto s = finished(builder);
  ASSERT_EQ(s.processes.size(), 1U);
  ASSERT_NE(s.owner_of(owner), nullptr);
  EXPECT_EQ(s.owner_of(owner)->pid, ::getpid());
  EXPECT_EQ(s.owner_of(owner)->fd_count, 10U);
  EXPECT_EQ(s.owner_of(owner)->fds->sockets, 2U);
  EXPECT_EQ(s.owner_of(owner)->ghost_sockets, 0U);
  EXPECT_EQ(s.owner_of(owner)->net_namespace, 1U);
  EXPECT_TRUE(s.limits.empty());
}

TEST(socket_owners, tells_nobodys_sockets_from_hidden_ones) {
  snapshot_builder builder;
  auto scan = scan_of_this_process();
  scan.unreadable_processes = 4;
  socket_owners owners(std::move(scan), builder);
  EXPECT_EQ(owners.owner_of({.inode = 0}).kind, ownership::none);
  EXPECT_EQ(owners.owner_of({.inode = 9002}).kind, ownership::hidden);
  owners.finish({});

  const auto s = finished(builder);
  ASSERT_EQ(s.limits.size(), 1U);
  EXPECT_EQ(s.limits[0].id, "hidden-owners");
}

TEST(socket_owners, words_what_is_hidden_and_what_shows_it) {
  struct {
    limit said;
    const char* text;
    const char* hint;
  } const cases[] = {
      {hidden_owners(1204, 3, false),
       "owners of 1,204 sockets are hidden: they belong to other users", "run as root"},
      {hidden_owners(1, 3, false), "the owner of 1 socket is hidden: it belongs to other users",
       "run as root"},
      {hidden_owners(2, 1, true),
       "owners of 2 sockets are hidden: 1 process may not be looked into", "needs CAP_SYS_PTRACE"},
      {hidden_owners(2, 0, false), "owners of 2 sockets are hidden: they belong to other users",
       "run as root"},
      {hidden_owners(2, 0, true),
       "owners of 2 sockets are not known: opened or passed on while descriptors were read, or "
       "held "
       "by the kernel or outside this PID namespace",
       ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.said.text, c.text);
    EXPECT_EQ(c.said.hint, c.hint);
  }
}

TEST(socket_owners, keeps_a_process_of_the_earlier_look_that_has_gone) {
  snapshot_builder builder;
  builder.add_namespace({.inode = 6});
  socket_owners owners(scan_of_this_process(), builder);
  const process gone{.pid = 2'000'000'000, .name = "curl", .net_namespace = 3};
  const auto first = owners.owner_from_before(gone, 6);
  EXPECT_EQ(first, owners.owner_from_before(gone, 6));
  EXPECT_EQ(first.kind, ownership::owned);
  owners.finish({{.inode = 6, .index = 0}});

  const auto s = finished(builder);
  ASSERT_EQ(s.processes.size(), 1U);
  EXPECT_EQ(s.owner_of(first)->name, "curl");
  EXPECT_EQ(s.owner_of(first)->net_namespace, 0U);
}

TEST(socket_owners, does_not_take_another_program_with_the_same_pid_for_the_earlier_one) {
  snapshot_builder builder;
  socket_owners owners(scan_of_this_process(), builder);
  const auto now = owners.owner_of({.inode = 9001});
  const auto same_name = builder.process_at(now.process).name;
  EXPECT_EQ(owners.owner_from_before({.pid = ::getpid(), .name = same_name}, 6), now);
  EXPECT_NE(owners.owner_from_before({.pid = ::getpid(), .name = "other"}, 6), now);
}

TEST(socket_owners, knows_when_descriptors_run_out) {
  EXPECT_TRUE(is_nearly_full(820, {.soft = 1024}));
  EXPECT_FALSE(is_nearly_full(819, {.soft = 1024}));
  EXPECT_FALSE(is_nearly_full(1'000'000, {}));
}

}  // namespace
}  // namespace waitstate::kernel
