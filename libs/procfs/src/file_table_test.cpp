#include "waitstate/procfs/file_table.h"

#include <gtest/gtest.h>

namespace waitstate::procfs {
namespace {

TEST(file_table, has_the_open_files_and_their_limit) {
  const auto files = parse_file_table("13568\t0\t26244\n");
  EXPECT_EQ(files.open, 13568U);
  EXPECT_EQ(files.max, 26244U);
}

TEST(file_table, has_no_limit_where_systemd_raised_it) {
  const auto files = parse_file_table("13568 0 9223372036854775807");
  EXPECT_EQ(files.open, 13568U);
  EXPECT_EQ(files.max, std::nullopt);
}

TEST(file_table, may_be_cut_or_odd) {
  EXPECT_EQ(parse_file_table("13568").open, 13568U);
  EXPECT_EQ(parse_file_table("13568 0").max, std::nullopt);
  EXPECT_EQ(parse_file_table("").open, std::nullopt);
  EXPECT_EQ(parse_file_table("x 0 5").max, std::nullopt);
}

}  // namespace
}  // namespace waitstate::procfs
