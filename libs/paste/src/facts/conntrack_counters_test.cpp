#include "facts/conntrack_counters.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(conntrack_counters, are_read_of_each_processor) {
  EXPECT_EQ(
      read_conntrack_counters("cpu=3   \tfound=12 invalid=4 insert=0 insert_failed=7 drop=128 "
                              "early_drop=9012 error=0 search_restart=12"),
      (conntrack_counters{.early_drop = 9'012, .drop = 128, .insert_failed = 7}));
}

TEST(conntrack_counters, are_nothing_without_their_names) {
  for (const std::string_view line :
       {"cpu=3 user=5 idle=7", "cpu=0 insert_failed=x drop=1 early_drop=2", "early_drop=9012",
        "cpu=0 insert_failed=1 drop=1"}) {
    EXPECT_FALSE(read_conntrack_counters(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
