#include "waitstate/render/tune_text.h"

#include <gtest/gtest.h>

#include "waitstate/render/tune_json.h"

namespace waitstate::render {
namespace {

using remedy::tuned;

constexpr text_style narrow{.width = 80};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

remedy::tune_plan sample_plan() {
  remedy::tune_plan plan{.kernel_release = "6.18.44"};
  plan.settings = {{.key = "net.ipv4.ip_local_port_range",
                    .now = "32768 60999",
                    .value = "10240 65535",
                    .why = "28,000 of 28,232 ports are in use",
                    .risk = "a service may find its port taken"},
                   {.key = "net.ipv4.ip_local_reserved_ports",
                    .now = "",
                    .value = "8080",
                    .why = "it's\nlistened on",
                    .risk = ""}};
  plan.better = {"Let nginx keep its connections"};
  plan.refused = {{.key = "net.ipv4.tcp_tw_recycle",
                   .popular = "1",
                   .why = "gone since Linux 4.12",
                   .proof = "this is Linux 6.18"}};
  return plan;
}

TEST(tune_text, a_plan_has_reason_risk_and_undo_of_each_and_the_command_at_the_end) {
  const auto text = to_text(sample_plan(), {}, "waitstate tune", narrow);
  EXPECT_TRUE(has(text, "net.ipv4.ip_local_port_range 32768 60999 -> 10240 65535")) << text;
  EXPECT_TRUE(has(text, "why   28,000 of 28,232 ports are in use"));
  EXPECT_TRUE(has(text, "risk  a service may find its port taken"));
  EXPECT_TRUE(has(text, "sysctl -w net.ipv4.ip_local_port_range=\"32768 60999\"\n"));
  EXPECT_TRUE(has(text, "net.ipv4.ip_local_reserved_ports (empty) -> 8080"));
  EXPECT_TRUE(has(text, "gone since Linux 4.12. Here: this is Linux 6.18"));
  EXPECT_TRUE(text.ends_with("To do it:\n  waitstate tune --apply\n")) << text;
  EXPECT_FALSE(has(to_text(sample_plan(), {}, "", narrow), "--apply")) << "of a paste";
}

TEST(tune_text, a_value_that_is_so_already_is_no_change) {
  auto plan = sample_plan();
  plan.settings[0].now = plan.settings[0].value;
  const auto text = to_text(plan, {}, "waitstate tune", narrow);
  EXPECT_TRUE(has(text, "is 10240 65535 already")) << text;
  EXPECT_FALSE(has(text, "10240 65535 -> 10240 65535"));
}

TEST(tune_text, a_plan_that_changes_nothing_says_so) {
  const auto text = to_text(remedy::tune_plan(), {}, "waitstate tune", narrow);
  EXPECT_TRUE(has(text, "Nothing to change")) << text;
  EXPECT_FALSE(has(text, "--apply"));
}

TEST(tune_text, an_outcome_says_what_became_of_each_and_how_to_undo_it) {
  remedy::tune_outcome done{
      .settings = {{.key = "a", .before = "2", .now = "1", .outcome = tuned::set}},
      .file = "/etc/sysctl.d/99-waitstate.conf",
      .file_outcome = tuned::set,
      .journal = "/var/lib/waitstate/tune.json"};
  auto text = to_text(done, "waitstate tune --undo", narrow);
  EXPECT_TRUE(has(text, "a  set: 2 -> 1\n")) << text;
  EXPECT_TRUE(has(text, "  waitstate tune --undo\n"));
  done.settings[0].outcome = tuned::changed_by_other;
  done.file_outcome = tuned::restored;
  done.journal.clear();
  text = to_text(done, "waitstate tune --undo", narrow);
  EXPECT_TRUE(has(text, "somebody else has changed it since: 1, and was 2 before")) << text;
  EXPECT_TRUE(has(text, "is as it was before"));
  EXPECT_FALSE(has(text, "--undo"));
}

TEST(tune_text, capacity_is_a_table_and_a_sentence) {
  const snapshot s;
  const remedy::destination_capacity c{.destination = {.address = {}, .port = 80},
                                       .ports = 28'232,
                                       .in_use = 15'257,
                                       .held = std::chrono::seconds(60),
                                       .rate = 400,
                                       .bearable = 470.5,
                                       .with_reuse = 28'232,
                                       .each_address = 470.5,
                                       .full_in = std::chrono::seconds(32)};
  const auto text = to_text(std::vector{c}, s, narrow);
  EXPECT_TRUE(has(text, "28,232  15,257  1 min    400")) << text;
  EXPECT_TRUE(has(text, "in 32 s"));
  EXPECT_TRUE(has(text, "each more address at either end adds"));
  EXPECT_TRUE(has(to_text(std::vector<remedy::destination_capacity>(), s, narrow),
                  "makes no connections now"));
}

TEST(tune_text, tasks_of_ansible_are_quoted_and_on_lines_of_their_own) {
  const auto text = to_ansible(sample_plan());
  EXPECT_TRUE(has(text, "    value: '10240 65535'\n")) << text;
  EXPECT_TRUE(has(text, "# it's listened on\n")) << "no reason begins a line";
  EXPECT_TRUE(has(text, "    sysctl_file: /etc/sysctl.d/99-waitstate.conf\n"));
}

TEST(tune_text, json_of_a_plan_and_of_an_undo) {
  const auto plan = to_json(sample_plan(), {}, {});
  EXPECT_TRUE(has(plan, "\"outcome\": null")) << plan;
  EXPECT_TRUE(has(plan, "\"value\": \"10240 65535\""));
  const auto undone = to_json(std::nullopt, {}, remedy::tune_outcome());
  EXPECT_TRUE(has(undone, "\"plan\": null")) << undone;
  EXPECT_TRUE(has(undone, "\"journal\": null"));
}

}  // namespace
}  // namespace waitstate::render
