#include "look/socket_owners.h"

#include <unistd.h>

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

TEST(socket_owners, lists_only_processes_that_own_a_socket) {
  socket_owners owners(scan_of_this_process());
  const auto owner = owners.owner_of({.inode = 9001});
  EXPECT_EQ(owner, owners.owner_of({.inode = 9001}));
  owners.finish({{.inode = 5, .index = 0}, {.inode = 6, .index = 1}});

  const auto* const found = owners.process_of(owner);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->pid, ::getpid());
  EXPECT_EQ(found->fd_count, 10U);
  EXPECT_EQ(found->fds->sockets, 2U);
  EXPECT_EQ(found->ghost_sockets, 0U);
  EXPECT_EQ(found->net_namespace, 1U);
  EXPECT_EQ(owners.take_processes().size(), 1U);
  EXPECT_TRUE(owners.take_limits().empty());
}

TEST(socket_owners, tells_nobodys_sockets_from_hidden_ones) {
  auto scan = scan_of_this_process();
  scan.unreadable_processes = 4;
  socket_owners owners(std::move(scan));
  EXPECT_EQ(owners.owner_of({.inode = 0}).kind, ownership::none);
  EXPECT_EQ(owners.process_of(owners.owner_of({.inode = 9002})), nullptr);
  EXPECT_EQ(owners.owner_of({.inode = 9002}).kind, ownership::hidden);
  owners.finish({});

  const auto limits = owners.take_limits();
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].id, "hidden-owners");
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
  socket_owners owners(scan_of_this_process());
  const process gone{.pid = 2'000'000'000, .name = "curl", .net_namespace = 3};
  const auto first = owners.owner_from_before(gone, 6);
  EXPECT_EQ(first, owners.owner_from_before(gone, 6));
  EXPECT_EQ(first.kind, ownership::owned);
  owners.finish({{.inode = 6, .index = 0}});

  const auto processes = owners.take_processes();
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_EQ(processes[first.process].name, "curl");
  EXPECT_EQ(processes[first.process].net_namespace, 0U);
}

TEST(socket_owners, does_not_take_another_program_with_the_same_pid_for_the_earlier_one) {
  socket_owners owners(scan_of_this_process());
  const auto now = owners.owner_of({.inode = 9001});
  const auto same_name = owners.process_of(now)->name;
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
