#include "precedence.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

finding about(const char* id, severity how_bad, const char* subject = "10.0.0.7:80") {
  return {.id = id,
          .severity = how_bad,
          .subject = {.kind = subject_kind::destination, .text = subject}};
}

std::vector<std::string> ids(const findings& found) {
  std::vector<std::string> all;
  all.reserve(found.size());
  for (const auto& f : found) all.push_back(f.id);
  return all;
}

using words = std::vector<std::string>;

TEST(ordering, the_worst_comes_first) {
  EXPECT_EQ(ids(in_order({about("misguided-sysctl", severity::info),
                          about("short-connections", severity::warning),
                          about("fd-exhaustion", severity::critical)})),
            (words{"fd-exhaustion", "short-connections", "misguided-sysctl"}));
}

TEST(ordering, a_cause_is_as_severe_as_what_it_explains_and_comes_before_it) {
  const auto ordered =
      in_order({about("ephemeral-port-exhaustion", severity::critical),
                about("fin-wait2-stuck", severity::warning),
                about("proxy-without-keepalive", severity::warning, "10.0.0.8:80")});
  EXPECT_EQ(ids(ordered),
            (words{"fin-wait2-stuck", "ephemeral-port-exhaustion", "proxy-without-keepalive"}));
  EXPECT_EQ(ordered[0].severity, severity::critical);
  EXPECT_EQ(ordered[2].severity, severity::warning);  // about another destination
}

TEST(ordering, what_is_said_better_elsewhere_is_dropped) {
  EXPECT_EQ(ids(in_order({about("short-connections", severity::warning),
                          about("ephemeral-port-exhaustion", severity::critical)})),
            (words{"ephemeral-port-exhaustion"}));
  EXPECT_EQ(in_order({about("short-connections", severity::warning, "10.0.0.8:80"),
                      about("ephemeral-port-exhaustion", severity::critical)})
                .size(),
            2U);
}

TEST(ordering, the_same_address_in_another_namespace_is_something_else) {
  auto elsewhere = about("short-connections", severity::warning);
  elsewhere.subject.net_namespace = "blue";
  EXPECT_EQ(in_order({elsewhere, about("ephemeral-port-exhaustion", severity::critical)}).size(),
            2U);
}

TEST(ordering, ports_that_bind_used_up_are_not_told_again_for_each_destination) {
  EXPECT_EQ(ids(in_order({about("ephemeral-port-exhaustion", severity::warning, "10.0.0.8:80"),
                          about("ephemeral-port-exhaustion", severity::critical, "10.0.0.9:80"),
                          about("bind-before-connect", severity::critical)})),
            (words{"bind-before-connect", "ephemeral-port-exhaustion"}));
}

TEST(ordering, an_information_is_not_raised) {
  const auto ordered = in_order({about("proxy-without-keepalive", severity::info),
                                 about("ephemeral-port-exhaustion", severity::critical)});
  EXPECT_EQ(ordered.back().severity, severity::info);
}

TEST(ordering, rules_keep_their_own_order_among_equals) {
  const auto ordered = in_order({about("short-connections", severity::warning, "b"),
                                 about("short-connections", severity::warning, "a")});
  EXPECT_EQ(ordered[0].subject.text, "b");
}

TEST(ordering, a_symptom_stands_behind_a_cause_that_is_told_about_the_same) {
  EXPECT_EQ(ids(in_order({about("fd-exhaustion", severity::critical, "ruby (pid 6245)"),
                          about("leaked-connections", severity::warning, "ruby (pid 6245)")})),
            (words{"leaked-connections", "fd-exhaustion"}));
  EXPECT_EQ(ids(in_order({about("fd-exhaustion", severity::critical, "ruby (pid 6245)"),
                          about("leaked-connections", severity::critical, "java (pid 7)")})),
            (words{"fd-exhaustion", "leaked-connections"}));
}

}  // namespace
}  // namespace waitstate::diagnosis
