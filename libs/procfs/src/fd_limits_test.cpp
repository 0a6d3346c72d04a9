#include "waitstate/procfs/fd_limits.h"

#include <gtest/gtest.h>

namespace waitstate::procfs {
namespace {

TEST(fd_limits, are_in_one_line_of_the_file) {
  EXPECT_EQ(
      parse_fd_limits("Limit                     Soft Limit           Hard Limit   Units\n"
                      "Max processes             96365                96365        processes\n"
                      "Max open files            1024                 524288       files\n"),
      (fd_limits{.soft = 1024, .hard = 524288}));
  EXPECT_EQ(parse_fd_limits(""), fd_limits{});
}

TEST(fd_limits, may_be_none) {
  EXPECT_EQ(read_fd_limits("Max open files            unlimited            unlimited    files"),
            fd_limits{});
  EXPECT_EQ(read_fd_limits("Max open files            unlimited            4096         files"),
            fd_limits{.hard = 4096});
}

TEST(fd_limits, are_in_no_other_line) {
  for (const auto* line : {"", "Max processes 96365 96365 processes", "Max open files",
                           "Max open files: 1024", "open files (-n) 1024"}) {
    EXPECT_EQ(read_fd_limits(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::procfs
