#include "facts/host_line.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using namespace std::chrono_literals;

TEST(host_line, reads_uname) {
  host_facts host;
  EXPECT_TRUE(read_host_line("Linux web1 5.4.0-42-generic #46-Ubuntu SMP x86_64 GNU/Linux", host));
  EXPECT_EQ(host.os, os_family::linux_kernel);
  EXPECT_EQ(host.name, "web1");
  EXPECT_EQ(host.kernel_release, "5.4.0-42-generic");
  EXPECT_TRUE(read_host_line("Darwin mac 21.6.0 Darwin Kernel Version 21.6.0", host));
  EXPECT_EQ(host.os, os_family::macos);
  EXPECT_TRUE(read_host_line("Linux version 6.1.0-13-amd64 (debian-kernel@lists)", host));
  EXPECT_EQ(host.kernel_release, "6.1.0-13-amd64");
  EXPECT_TRUE(read_host_line("Microsoft Windows [Version 10.0.19045.1]", host));
  EXPECT_EQ(host.kernel_release, "10.0.19045.1");
}

TEST(host_line, reads_uptime) {
  struct row {
    std::string_view line;
    std::chrono::seconds up;
  };
  constexpr row rows[] = {
      {" 12:01:02 up 49 days, 17:03,  2 users,  load average: 0.10, 0.05, 0.01",
       24h * 49 + 17h + 3min},
      {"14:23  up 50 days,  2:03, 3 users, load averages: 1.51 1.60 1.70", 24h * 50 + 2h + 3min},
      {" 10:00:00 up 3 min,  1 user,  load average: 0.00, 0.01, 0.05", 3min},
      {" 10:00:00 up  5:02,  1 user,  load average: 0.00, 0.01, 0.05", 5h + 2min},
  };
  for (const auto& [line, up] : rows) {
    host_facts host;
    EXPECT_TRUE(read_host_line(line, host)) << line;
    EXPECT_EQ(host.uptime, up) << line;
  }
}

TEST(host_line, leaves_other_lines_alone) {
  host_facts host;
  for (const std::string_view line :
       {"", "Linux is fine", "we are up since 5 days", "Microsoft says no"}) {
    EXPECT_FALSE(read_host_line(line, host)) << line;
  }
  EXPECT_EQ(host.os, os_family::unknown);
}

TEST(fd_limit, is_read_from_every_shell_and_file) {
  const std::pair<std::string_view, procfs::fd_limits> cases[] = {
      {"open files                      (-n) 1024", {.soft = 1024}},
      {"open files                              (-n) 256", {.soft = 256}},
      {"-n: file descriptors          1024", {.soft = 1024}},
      {"nofiles                       1024", {.soft = 1024}},
      {"Max open files            1024                 4096                 files",
       {.soft = 1024, .hard = 4096}},
      {"max open files: 1024", {.soft = 1024}},
      {"LimitNOFILE=65536", {.soft = 65536}},
      {"LimitNOFILE=1024:524288", {.soft = 1024, .hard = 524288}},
      {"NOFILE     max number of open files                1024      4096 files",
       {.soft = 1024, .hard = 4096}},
  };
  for (const auto& [line, want] : cases) EXPECT_EQ(read_fd_limit(line), want) << line;
  EXPECT_EQ(read_fd_limit("open files are many"), std::nullopt);
  EXPECT_EQ(read_fd_limit("Max open files            unlimited            4096       files"),
            std::nullopt);
  EXPECT_EQ(read_fd_limit("open files                      (-n) unlimited"), std::nullopt);
}

TEST(kernel_release, is_told_from_other_numbers) {
  EXPECT_TRUE(is_kernel_release("5.4.0-42-generic"));
  EXPECT_TRUE(is_kernel_release("12.2-RELEASE"));
  EXPECT_FALSE(is_kernel_release("1024"));
  EXPECT_FALSE(is_kernel_release("10.0.0.1 is up"));
}

}  // namespace
}  // namespace waitstate::paste
