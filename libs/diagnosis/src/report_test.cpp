#include "waitstate/diagnosis/report.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(report, names_its_words_as_the_json_has_them) {
  EXPECT_EQ(to_string(severity::critical), "critical");
  EXPECT_EQ(to_string(verdict::attention), "attention");
  EXPECT_EQ(to_string(verdict::unknown), "unknown");
  EXPECT_EQ(to_string(subject_kind::network_namespace), "network-namespace");
}

}  // namespace
}  // namespace waitstate::diagnosis
