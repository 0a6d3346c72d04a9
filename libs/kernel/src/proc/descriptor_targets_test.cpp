#include "proc/descriptor_targets.h"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

TEST(descriptor_targets, names_the_most_frequent_and_leaves_out_sockets_and_single_ones) {
  descriptor_targets targets;
  for (int i = 0; i < 5; ++i) targets.add("/etc/hostname");
  for (int i = 0; i < 3; ++i) targets.add("anon_inode:[eventpoll]");
  targets.add("anon_inode:inotify");
  for (const auto* pipe : {"pipe:[4]", "pipe:[5]"}) targets.add(pipe);
  for (const auto* socket : {"socket:[4]", "socket:[5]"}) targets.add(socket);
  targets.add("/dev/null");
  EXPECT_EQ(targets.most_frequent(9),
            (std::vector<fd_target>{{"/etc/hostname", 5}, {"epoll", 3}, {"pipe", 2}}));
  EXPECT_EQ(targets.most_frequent(1).size(), 1U);
}

TEST(descriptor_targets, keeps_no_more_than_its_bound) {
  descriptor_targets targets;
  for (std::size_t i = 0; i < descriptor_targets::targets_max + 10; ++i) {
    for (int twice = 0; twice < 2; ++twice) targets.add("/tmp/" + std::to_string(i));
  }
  EXPECT_EQ(targets.most_frequent(1'000'000).size(), descriptor_targets::targets_max);
}

TEST(descriptor_targets, reads_those_of_a_process) {
  const fd one(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  const fd two(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  const auto all = read_targets(::getpid()).most_frequent(100);
  const auto status = "/proc/" + std::to_string(::getpid()) + "/status";
  EXPECT_NE(std::ranges::find(all, fd_target{status, 2}), all.end());
  EXPECT_TRUE(read_targets(0x7fffffff).most_frequent(1).empty());
}

}  // namespace
}  // namespace waitstate::kernel
