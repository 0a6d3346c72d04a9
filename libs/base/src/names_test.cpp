#include "waitstate/base/names.h"

#include <array>

#include <gtest/gtest.h>

namespace waitstate {
namespace colours {

enum class colour { red, scarlet, blue };

std::string_view to_string(colour c) {
  return c == colour::blue ? "blue" : "red";
}

}  // namespace colours
namespace {

using colours::colour;

constexpr std::array all{colour::red, colour::scarlet, colour::blue};

TEST(names, finds_the_first_value_of_a_name) {
  EXPECT_EQ(named_in(all, "blue"), colour::blue);
  EXPECT_EQ(named_in(all, "red"), colour::red);
}

TEST(names, takes_the_whole_name_as_it_is_written) {
  EXPECT_EQ(named_in(all, "Blue"), std::nullopt);
  EXPECT_EQ(named_in(all, "blue "), std::nullopt);
  EXPECT_EQ(named_in(all, ""), std::nullopt);
}

}  // namespace
}  // namespace waitstate
