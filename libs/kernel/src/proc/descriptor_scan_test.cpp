#include "proc/descriptor_scan.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

TEST(descriptor_scan, finds_a_socket_of_this_process_and_where_it_is) {
  const fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(socket);
  struct stat about{};
  ASSERT_EQ(::fstat(socket.get(), &about), 0);

  std::uint64_t seen = 0;
  auto scan = scan_descriptors([&](std::uint64_t done) { seen = std::max(seen, done); });
  const auto owner = scan.owners.owner_of(static_cast<std::uint32_t>(about.st_ino));
  ASSERT_TRUE(owner);
  const auto& self = scan.processes.at(owner.value_or(0));
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_GE(self.kinds.sockets, 1U);
  EXPECT_GE(self.fd_count, self.kinds.sockets);
  EXPECT_GE(scan.descriptors, self.fd_count);
  EXPECT_EQ(seen, scan.descriptors);

  struct stat ns{};
  ASSERT_EQ(::stat("/proc/self/ns/net", &ns), 0);
  EXPECT_EQ(self.net_namespace, ns.st_ino);
  EXPECT_TRUE(std::ranges::is_sorted(scan.processes, {}, &scanned_process::pid));
}

}  // namespace
}  // namespace waitstate::kernel
