#include "waitstate/config/toml_document.h"

#include <gtest/gtest.h>

namespace waitstate::config {
namespace {

TEST(toml_document, says_line_and_column_of_what_is_none) {
  const auto read = parse_toml("a = 1\nb = = 2\n", 100, "docs/x.md");
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().what.starts_with("line 2, column ")) << read.error().what;
}

TEST(toml_document, is_bounded) {
  EXPECT_FALSE(parse_toml(std::string(101, '#'), 100, "docs/x.md"));
  const auto deep = parse_toml("a = 1\nb = " + std::string(5'000, '['), 10'000, "docs/x.md");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().what, "line 2: it is nested too deeply");
  EXPECT_EQ(deep.error().hint, "docs/x.md shows how it is written");
}

TEST(toml_document, gives_its_tables) {
  const auto read = parse_toml("[[route]]\nto = \"a\"\n[[route]]\n", 100, "docs/x.md");
  ASSERT_TRUE(read);
  EXPECT_EQ(toml_table(*read).tables("route")->size(), 2U);
}

}  // namespace
}  // namespace waitstate::config
