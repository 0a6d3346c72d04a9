#include "waitstate/base/error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(error, from_errno_says_the_action_and_the_reason) {
  const auto e = from_errno(ENOENT, "open /proc/1/fd");
  EXPECT_EQ(e.code, errc::not_found);
  EXPECT_EQ(e.what, "open /proc/1/fd: No such file or directory");
  EXPECT_EQ(e.hint, "");
}

TEST(error, from_errno_tells_permission_and_missing_support_apart) {
  EXPECT_EQ(from_errno(EPERM, "x").code, errc::permission);
  EXPECT_EQ(from_errno(EACCES, "x").code, errc::permission);
  EXPECT_EQ(from_errno(EOPNOTSUPP, "x").code, errc::unsupported);
  EXPECT_EQ(from_errno(EIO, "x").code, errc::system);
}

TEST(error, in_step_puts_the_step_first_and_keeps_the_rest) {
  const auto e = in_step("sockets", {errc::permission, "netns 'blue': refused", "run as root"});
  EXPECT_EQ(e.what, "sockets: netns 'blue': refused");
  EXPECT_EQ(e.hint, "run as root");
  EXPECT_EQ(e.code, errc::permission);
}

TEST(error, keeps_how_far_a_call_had_come_in_each_step) {
  const auto e = in_step("cluster 'a'", {.code = errc::timed_out,
                                         .what = "no answer",
                                         .hint = {},
                                         .phase = call_phase::first_byte,
                                         .is_sent = true});
  EXPECT_EQ(e.phase, call_phase::first_byte);
  EXPECT_TRUE(e.is_sent);
  EXPECT_EQ(to_string(e.phase), "first byte");
  EXPECT_EQ(to_string(from_errno(ENOENT, "open").phase), "none");
}

}  // namespace
}  // namespace waitstate
