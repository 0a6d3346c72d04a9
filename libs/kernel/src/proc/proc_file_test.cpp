#include "proc/proc_file.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(proc_file, reads_no_more_than_asked_and_nothing_of_what_is_not_there) {
  EXPECT_EQ(read_file("/proc/self/stat", 1).value_or("").size(), 1U);
  EXPECT_GT(read_file("/proc/self/stat", 65'536).value_or("").size(), 20U);
  EXPECT_EQ(read_file("/proc/self/no-such-file", 100), std::nullopt);
  EXPECT_EQ(read_file("/proc/self", 100), std::nullopt);
}

}  // namespace
}  // namespace waitstate::kernel
