#include "bpf/bpf_descriptors.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "bpf/bpf_load.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

const scanned_process* own(const descriptor_scan& scan) {
  const auto found = std::ranges::find(scan.processes, ::getpid(), &scanned_process::pid);
  return found == scan.processes.end() ? nullptr : &*found;
}

TEST(bpf_descriptors, are_those_that_the_links_tell_or_the_reason_is_a_missing_right) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const fd pipe_end(ends[0]);
  const fd other_end(ends[1]);
  const fd events(::epoll_create1(EPOLL_CLOEXEC));
  const fd network(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const fd udp(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));

  auto by_bpf = scan_descriptors_by_bpf({});
  if (!by_bpf) {
    EXPECT_TRUE(by_bpf.error().code == errc::permission ||
                ::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        << by_bpf.error().what;
    EXPECT_EQ(by_bpf.error().code == errc::permission, !by_bpf.error().hint.empty());
    EXPECT_NE(may_load_bpf(), by_bpf.error().code == errc::permission) << by_bpf.error().what;
    return;
  }
  auto by_links = scan_descriptors({});
  const auto* const seen = own(*by_bpf);
  const auto* const told = own(by_links);
  ASSERT_NE(seen, nullptr);
  ASSERT_NE(told, nullptr);
  // The links are read through a descriptor of a folder, which is one more.
  auto kinds = told->kinds;
  EXPECT_GE(kinds.files + 2, seen->kinds.files);
  kinds.files = seen->kinds.files;
  EXPECT_GE(seen->kinds.anonymous, kinds.anonymous) << "a loaded program is a descriptor, too";
  kinds.anonymous = seen->kinds.anonymous;
  EXPECT_EQ(seen->kinds, kinds);
  EXPECT_EQ(seen->net_namespace, told->net_namespace);

  struct stat about{};
  ASSERT_EQ(::fstat(tcp.get(), &about), 0);
  const auto inode = static_cast<std::uint32_t>(about.st_ino);
  auto life = socket_life::unknown;
  by_bpf->owners.visit_unasked([&](const held_socket& h) {
    if (h.inode == inode) life = h.life;
  });
  EXPECT_EQ(life, socket_life::never_connected);
  const auto owner = by_bpf->owners.owner_of(inode);
  ASSERT_TRUE(owner);
  EXPECT_EQ(by_bpf->processes.at(owner.value_or(0)).pid, ::getpid());
}

}  // namespace
}  // namespace waitstate::kernel
