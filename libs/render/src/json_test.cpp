#include "waitstate/render/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report_fixture.h"

namespace waitstate::render {
namespace {

using diagnosis::verdict;
using testing::ElementsAre;

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

nlohmann::ordered_json sample() {
  const auto report = report_of({no_ports_left(), a_leak()}, verdict::critical, "no port is left");
  return nlohmann::ordered_json::parse(to_json(busy_proxy(), report));
}

TEST(json, has_its_keys_in_a_fixed_order) {
  const auto json = sample();
  EXPECT_THAT(keys_of(json), ElementsAre("schema", "taken_at", "source", "host", "states",
                                         "verdict", "headline", "findings", "limits"));
  EXPECT_THAT(keys_of(json["findings"][0]),
              ElementsAre("id", "severity", "title", "subject", "evidence", "cause", "forecast",
                          "remedies"));
  EXPECT_THAT(keys_of(json["findings"][0]["subject"]),
              ElementsAre("kind", "text", "pid", "process"));
  EXPECT_THAT(keys_of(json["findings"][0]["remedies"][0]),
              ElementsAre("text", "command", "risk", "undo"));
}

TEST(json, says_what_the_report_says) {
  const auto json = sample();
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["taken_at"], "2026-01-05T10:22:07Z");
  EXPECT_EQ(json["source"]["kind"], "live");
  EXPECT_EQ(json["host"]["kernel_release"], "6.18.44");
  EXPECT_EQ(json["verdict"], "critical");
  EXPECT_EQ(json["findings"][0]["subject"]["pid"], 812);
  EXPECT_EQ(json["findings"][1]["id"], "leaked-connections");
  EXPECT_EQ(json["limits"][0]["hint"], "run as root");
}

TEST(json, counts_the_states_that_were_seen) {
  EXPECT_EQ(sample()["states"].dump(),
            R"({"ESTABLISHED":1200,"TIME-WAIT":28229,"CLOSE-WAIT":12,"LISTEN":1})");
}

TEST(json, counts_both_kinds_of_unfinished_handshake_as_one_state) {
  snapshot_builder b;
  b.add_namespace({});
  b.add({.state = tcp::state::syn_received, .count = 2});
  b.add({.state = tcp::state::new_syn_received, .count = 3});
  const auto json = nlohmann::json::parse(to_json(b.finish(a_monday), diagnosis::report{}));
  EXPECT_EQ(json["states"], (nlohmann::json{{"SYN-RECEIVED", 5}}));
}

TEST(json, has_null_for_what_is_not_known) {
  const auto json = sample();
  EXPECT_EQ(json["source"]["interval_ms"], nullptr);
  const auto undated = to_json(snapshot_builder().finish({}), diagnosis::report{});
  EXPECT_EQ(nlohmann::json::parse(undated)["taken_at"], nullptr);
  EXPECT_EQ(json["host"]["uptime_s"], nullptr);
  EXPECT_EQ(json["findings"][1]["forecast"], nullptr);
  EXPECT_EQ(json["findings"][1]["remedies"][0]["command"], nullptr);
}

TEST(json, replaces_bytes_that_are_not_utf8) {
  auto report = report_of({no_ports_left()}, verdict::critical, "caf\xe9 \xff");
  report.findings[0].subject.process = "\xc3";
  const auto text = to_json(busy_proxy(), report);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["headline"], "caf\xef\xbf\xbd \xef\xbf\xbd");
}

TEST(json, is_an_object_even_for_an_empty_report) {
  const auto json =
      nlohmann::json::parse(to_json(snapshot_builder().finish(a_monday), diagnosis::report{}));
  EXPECT_EQ(json["verdict"], "unknown");
  EXPECT_TRUE(json["findings"].is_array());
  EXPECT_TRUE(json["limits"].is_array());
}

}  // namespace
}  // namespace waitstate::render
