#include "catalogue.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/diagnosis/diagnose.h"

namespace waitstate::diagnosis {
namespace {

/// The files of src/rules, by the ids that they are named for.
std::set<std::string> ids_of_files() {
  std::set<std::string> ids;
  const auto rules = std::filesystem::path(__FILE__).parent_path() / "rules";
  for (const auto& entry : std::filesystem::directory_iterator(rules)) {
    auto name = entry.path().filename().string();
    if (!name.ends_with("_test.cpp") && name.ends_with(".cpp")) {
      name.resize(name.size() - std::string_view(".cpp").size());
      std::ranges::replace(name, '_', '-');
      ids.insert(name);
    }
  }
  return ids;
}

TEST(catalogue, has_every_rule_once_by_the_name_of_its_file) {
  std::set<std::string> ids;
  for (const auto id : finding_ids()) EXPECT_TRUE(ids.emplace(id).second) << id;
  EXPECT_EQ(ids, ids_of_files());
}

TEST(catalogue, ranks_by_its_own_order_and_what_it_does_not_have_last) {
  std::size_t rank = 0;
  for (const auto id : finding_ids()) EXPECT_EQ(rank_of(id), rank++) << id;
  EXPECT_EQ(rank_of("no-such-finding"), rank);
}

}  // namespace
}  // namespace waitstate::diagnosis
