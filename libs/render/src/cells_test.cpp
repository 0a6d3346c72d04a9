#include "waitstate/render/cells.h"

#include <vector>

#include <gtest/gtest.h>

namespace waitstate::render {
namespace {

TEST(cells, know_the_columns_that_they_take) {
  EXPECT_EQ(cell_of("abc").width, 3U);
  EXPECT_EQ(cell_of("\xe6\x8e\xa5\xe7\xb6\x9a", ink::red).width, 4U);  // two wide characters
}

TEST(cells, are_written_as_lines_with_and_without_codes) {
  const std::vector<line> lines{
      {cell_of("CRITICAL  ", ink::red), cell_of("no port is left")}, {}, {cell_of("", ink::bold)}};
  EXPECT_EQ(plain_text(lines), "CRITICAL  no port is left\n\n\n");
  EXPECT_EQ(ansi_text(lines), "\x1b[1;31mCRITICAL  \x1b[0mno port is left\n\n\n");
}

}  // namespace
}  // namespace waitstate::render
