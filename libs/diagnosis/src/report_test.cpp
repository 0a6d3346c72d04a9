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

TEST(report, every_name_reads_back) {
  for (const auto s : all_severities) EXPECT_EQ(parse_severity(to_string(s)), s);
  for (const auto c : all_confidences) EXPECT_EQ(parse_confidence(to_string(c)), c);
  for (const auto v : all_verdicts) EXPECT_EQ(parse_verdict(to_string(v)), v);
  for (const auto k : all_subject_kinds) EXPECT_EQ(parse_subject_kind(to_string(k)), k);
  EXPECT_EQ(all_verdicts.size(), static_cast<std::size_t>(verdict::unknown) + 1);
  EXPECT_EQ(all_subject_kinds.size(), static_cast<std::size_t>(subject_kind::listener) + 1);
  EXPECT_EQ(parse_severity("WARNING"), std::nullopt);
}

TEST(report, says_of_a_title_where_it_is) {
  finding f{.title = "no ports are left", .subject = {.net_namespace = "blue"}};
  EXPECT_EQ(stated(f), "in blue: no ports are left");
  f.subject.container = "4f0c2a7b1d3e5a6b";
  f.certainty.confidence = confidence::likely;
  EXPECT_EQ(stated(f), "in blue, container 4f0c2a7b1d3e: likely: no ports are left");
  f.subject.container_name = "web";
  EXPECT_EQ(stated(f), "in blue, container web (4f0c2a7b1d3e): likely: no ports are left");
}

TEST(report, says_of_a_title_how_sure_it_is) {
  finding f{.title = "no ports are left"};
  EXPECT_EQ(stated(f), "no ports are left");
  f.certainty.confidence = confidence::likely;
  EXPECT_EQ(stated(f), "likely: no ports are left");
  f.certainty.confidence = confidence::possible;
  EXPECT_EQ(stated(f), "possible: no ports are left");
}

}  // namespace
}  // namespace waitstate::diagnosis
