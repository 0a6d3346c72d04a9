#include "waitstate/snapshot/ended_connection.h"

#include <set>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(ended_connection, every_ending_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (const auto e : all_connection_endings) EXPECT_TRUE(names.insert(to_string(e)).second);
}

}  // namespace
}  // namespace waitstate
