#include "proc/owner_table.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(owner_table, finds_the_process_of_a_socket) {
  owner_table owners;
  owners.insert({.inode = 9001, .process = 3, .fd = 7});
  EXPECT_EQ(owners.owner_of(9001), 3U);
  EXPECT_EQ(owners.owner_of(9001), 3U);
  EXPECT_EQ(owners.owner_of(9002), std::nullopt);
  EXPECT_EQ(owners.owner_of(0), std::nullopt);
}

TEST(owner_table, gives_a_shared_socket_to_the_lowest_process_and_counts_the_others) {
  owner_table owners;
  owners.insert({.inode = 9001, .process = 4, .fd = 7});
  owners.insert({.inode = 9001, .process = 3, .fd = 7});
  owners.insert({.inode = 9001, .process = 5, .fd = 7});
  EXPECT_EQ(owners.owner_of(9001), 3U);
  EXPECT_EQ(owners.size(), 1U);
  EXPECT_EQ(owners.shared(), 2U);
}

TEST(owner_table, knows_which_sockets_nobody_asked_for) {
  owner_table owners;
  owners.insert({.inode = 1, .process = 3, .fd = 7});
  owners.insert({.inode = 2, .process = 3, .fd = 8});
  EXPECT_EQ(owners.owner_of(1), 3U);
  std::vector<std::uint32_t> unasked;
  owners.visit_unasked([&](const held_socket& held) {
    EXPECT_EQ(held.process, 3U);
    EXPECT_EQ(held.fd, 8U);
    unasked.push_back(held.inode);
  });
  EXPECT_EQ(unasked, std::vector<std::uint32_t>{2});
}

TEST(owner_table, reads_the_links_of_descriptors) {
  EXPECT_EQ(parse_socket_link("socket:[4711]"), 4711U);
  for (const auto* text : {"", "socket:[", "socket:[]", "socket:[0]", "socket:[4711", "pipe:[4711]",
                           "socket:[4294967296]", "/tmp/socket:[4711]"}) {
    EXPECT_EQ(parse_socket_link(text), std::nullopt) << text;
  }
}

TEST(owner_table, counts_descriptors_by_kind) {
  fd_kinds kinds;
  for (const auto* target : {"socket:[1]", "/var/log/x", "/dev/null", "pipe:[2]",
                             "anon_inode:[eventpoll]", "net:[4026531840]"}) {
    count_kind(kinds, target);
  }
  EXPECT_EQ(kinds, (fd_kinds{.sockets = 1, .files = 2, .pipes = 1, .anonymous = 1, .other = 1}));
}

}  // namespace
}  // namespace waitstate::kernel
