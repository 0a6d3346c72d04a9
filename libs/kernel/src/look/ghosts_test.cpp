#include "look/ghosts.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

std::uint32_t inode_of(const fd& file) {
  struct stat about{};
  EXPECT_EQ(::fstat(file.get(), &about), 0);
  return static_cast<std::uint32_t>(about.st_ino);
}

held_socket held(const fd& file) {
  return {.inode = inode_of(file), .process = 0, .fd = static_cast<std::uint32_t>(file.get())};
}

TEST(ghosts, tells_tcp_from_other_sockets_and_from_what_has_gone) {
  const fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const fd unix_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto is_tcp = [](const held_socket& h) {
    return is_tcp_descriptor(::getpid(), h.fd, h.inode);
  };
  EXPECT_TRUE(is_tcp(held(tcp)));
  EXPECT_FALSE(is_tcp(held(unix_socket)));

  auto changed = held(tcp);
  ++changed.inode;
  EXPECT_FALSE(is_tcp(changed));
  auto closed = held(tcp);
  closed.fd = 1'000'000;
  EXPECT_FALSE(is_tcp(closed));
}

TEST(ghosts, are_counted_in_the_namespaces_that_were_dumped_and_up_to_a_bound) {
  const fd first(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const fd second(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const fd asked_for(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  descriptor_scan scan;
  scan.processes.push_back({.pid = ::getpid(), .net_namespace = 5});
  for (const auto* file : {&first, &second, &asked_for}) scan.owners.insert(held(*file));
  EXPECT_TRUE(scan.owners.owner_of(inode_of(asked_for)));

  EXPECT_EQ(count_ghosts(scan, {5}).unconnected_by_process[0], 2U);
  EXPECT_TRUE(count_ghosts(scan, {5}).by_process.empty()) << "they were never connected";
  EXPECT_EQ(count_ghosts(scan, {5}).unchecked, 0U);
  EXPECT_TRUE(count_ghosts(scan, {6}).unconnected_by_process.empty());
  const auto bounded = count_ghosts(scan, {5}, 1);
  EXPECT_EQ(bounded.unconnected_by_process.at(0), 1U);
  EXPECT_EQ(bounded.unchecked, 1U);
}

}  // namespace
}  // namespace waitstate::kernel
