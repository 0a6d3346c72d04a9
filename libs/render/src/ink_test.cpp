#include "waitstate/render/ink.h"

#include <set>

#include <gtest/gtest.h>

namespace waitstate::render {
namespace {

TEST(ink, tells_each_severity_and_verdict_from_the_others) {
  std::set<ink> seen;
  for (const auto s : diagnosis::all_severities) EXPECT_TRUE(seen.insert(ink_of(s)).second);
  seen.clear();
  for (const auto v : diagnosis::all_verdicts) EXPECT_TRUE(seen.insert(ink_of(v)).second);
  EXPECT_EQ(ink_of(diagnosis::verdict::critical), ink_of(diagnosis::severity::critical));
}

}  // namespace
}  // namespace waitstate::render
