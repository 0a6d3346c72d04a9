#include "advice/backlog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(backlog, of_any_program_is_told_in_the_ways_that_are_met_most) {
  const auto remedies = listen_longer(host(), 0, {}, 0);
  ASSERT_EQ(remedies.size(), 2U);
  EXPECT_THAT(remedies[0].command, StartsWith("nginx:    listen 443 ssl backlog=4096;\n"
                                              "HAProxy:  bind :443 backlog 4096\n"
                                              "Apache:   ListenBacklog 4096\n"
                                              "others:   listen(fd, 4096)\n"));
  EXPECT_THAT(remedies[1].command, HasSubstr("net.core.somaxconn"));
}

TEST(backlog, of_a_known_program_is_told_in_its_own_way) {
  auto s = host();
  const auto java = add_process(s, 812, "java", runtime::java);
  const auto command = listen_longer(s, 0, java, 0).front().command;
  EXPECT_THAT(command, StartsWith("Java:     new ServerSocket(port, 4096)"));
  EXPECT_THAT(command, Not(HasSubstr("nginx")));
}

TEST(backlog, is_another_setting_on_other_systems) {
  const auto remedies = listen_longer(paste(os_family::freebsd), 0, {}, 0);
  ASSERT_EQ(remedies.size(), 1U);
  EXPECT_THAT(remedies[0].command, HasSubstr("kern.ipc.soacceptqueue"));
}

TEST(backlog, is_never_shorter_than_the_queue_that_was_seen_full) {
  const auto command = [](std::uint64_t seen_full) {
    return listen_longer(paste(os_family::freebsd), 0, {}, seen_full).front().command;
  };
  EXPECT_THAT(command(193), HasSubstr("soacceptqueue=1024 "));
  EXPECT_THAT(command(6'145), HasSubstr("soacceptqueue=8192 "));
  EXPECT_THAT(command(std::uint64_t{1} << 53U), HasSubstr("soacceptqueue=65535 "));
}

}  // namespace
}  // namespace waitstate::diagnosis
