#include "waitstate/render/json.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report_fixture.h"
#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"
#include "waitstate/render/text.h"

namespace waitstate::render {
namespace {

using diagnosis::verdict;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

diagnosis::report sample_report() {
  return report_of({no_ports_left(), a_leak()}, verdict::critical, "no port is left");
}

nlohmann::ordered_json sample() {
  return nlohmann::ordered_json::parse(to_json(sample_report()));
}

TEST(json, has_its_keys_in_a_fixed_order) {
  const auto json = sample();
  EXPECT_THAT(keys_of(json), ElementsAre("schema", "taken_at", "source", "host", "states",
                                         "verdict", "headline", "findings", "limits"));
  EXPECT_THAT(keys_of(json["findings"][0]),
              ElementsAre("id", "severity", "confidence", "other_cause", "decided_by", "title",
                          "subject", "evidence", "cause", "forecast", "remedies"));
  EXPECT_THAT(keys_of(json["findings"][0]["subject"]),
              ElementsAre("kind", "text", "pid", "process", "host", "net_namespace", "container",
                          "container_name"));
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

TEST(json, is_the_same_on_a_line) {
  const auto line = to_json_line(sample_report());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(nlohmann::ordered_json::parse(line), sample());
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
  const auto json = nlohmann::json::parse(to_json({.about = summary_of(b.finish(a_monday))}));
  EXPECT_EQ(json["states"], (nlohmann::json{{"SYN-RECEIVED", 5}}));
}

TEST(json, has_null_for_what_is_not_known) {
  const auto json = sample();
  EXPECT_EQ(json["source"]["interval_ms"], nullptr);
  const auto undated = to_json({.about = summary_of(snapshot_builder().finish({}))});
  EXPECT_EQ(nlohmann::json::parse(undated)["taken_at"], nullptr);
  EXPECT_EQ(json["host"]["uptime_s"], nullptr);
  EXPECT_EQ(json["findings"][1]["forecast"], nullptr);
  EXPECT_EQ(json["findings"][1]["remedies"][0]["command"], nullptr);
}

TEST(json, replaces_bytes_that_are_not_utf8) {
  auto report = report_of({no_ports_left()}, verdict::critical, "caf\xe9 \xff");
  report.findings[0].subject.process = "\xc3";
  const auto text = to_json(report);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["headline"], "caf\xef\xbf\xbd \xef\xbf\xbd");
}

TEST(json, is_an_object_even_for_an_empty_report) {
  const auto json =
      nlohmann::json::parse(to_json({.about = summary_of(snapshot_builder().finish(a_monday))}));
  EXPECT_EQ(json["verdict"], "unknown");
  EXPECT_TRUE(json["findings"].is_array());
  EXPECT_TRUE(json["limits"].is_array());
}

std::string dumped_sample() {
  return to_json(report_of({no_ports_left(), a_leak(), server_side()}, verdict::critical, "none"));
}

/// The sample with another value at one place.
std::string sample_with(std::string_view pointer, const nlohmann::json& value) {
  auto json = nlohmann::json::parse(dumped_sample());
  json[nlohmann::json::json_pointer(std::string(pointer))] = value;
  return json.dump();
}

std::string what_is_wrong_with(std::string_view text) {
  const auto read = from_json(text);
  return read ? "" : read.error().what;
}

TEST(json, says_how_sure_a_finding_is) {
  auto doubtful = a_leak();
  doubtful.certainty = {.confidence = diagnosis::confidence::possible,
                        .other_cause = "a slow server",
                        .decided_by = "a second look"};
  const auto text = to_json(report_of({doubtful, no_ports_left()}, verdict::critical, "none"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["findings"][0]["confidence"], "possible");
  EXPECT_EQ(json["findings"][0]["other_cause"], "a slow server");
  EXPECT_EQ(json["findings"][1]["confidence"], "certain");
  EXPECT_EQ(json["findings"][1]["other_cause"], nullptr);
  const auto read = from_json(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->findings[0].certainty.decided_by, "a second look");
  EXPECT_EQ(to_json(*read), text);
}

TEST(json, says_where_a_finding_is) {
  auto leak = a_leak();
  leak.subject.net_namespace = "blue";
  leak.subject.container = "4f0c";
  leak.subject.container_name = "web";
  const auto text = to_json(report_of({leak}, verdict::attention, stated(leak)));
  const auto subject = nlohmann::json::parse(text)["findings"][0]["subject"];
  EXPECT_EQ(subject["net_namespace"], "blue");
  EXPECT_EQ(subject["container"], "4f0c");
  EXPECT_EQ(subject["container_name"], "web");
  const auto read = from_json(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), text);
}

TEST(json, reads_back_as_the_report_that_it_was) {
  auto report = report_of({no_ports_left(), a_leak(), server_side()}, verdict::critical, "none");
  report.about.interval = std::chrono::milliseconds{5'250};
  report.about.host.uptime = std::chrono::seconds{86'400};
  report.about.host.open_files = 17;
  const auto text = to_json(report);
  const auto read = from_json(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(to_text(*read, {.verbose = true}), to_text(report, {.verbose = true}));
  EXPECT_EQ(read->about.taken_at, a_monday);
  EXPECT_EQ(read->about.interval, report.about.interval);
  EXPECT_EQ(read->about.states, report.about.states);
  EXPECT_EQ(read->findings[0].subject.pid, 812);
}

TEST(json, of_every_incident_reads_back_as_it_was) {
  std::size_t incidents = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAITSTATE_INCIDENTS)) {
    if (entry.path().extension() != ".txt" || entry.path().stem() == "CMakeLists") continue;
    std::ifstream file(entry.path());
    const std::string pasted(std::istreambuf_iterator<char>(file), {});
    const auto seen = paste::read(pasted);
    ASSERT_TRUE(seen) << entry.path();
    const auto report = diagnosis::diagnose(*seen);
    const auto text = to_json(report);
    const auto read = from_json(text);
    ASSERT_TRUE(read) << entry.path() << ": " << read.error().what;
    EXPECT_EQ(to_json(*read), text) << entry.path();
    EXPECT_EQ(to_text(*read, {}), to_text(report, {})) << entry.path();
    for (const auto& f : report.findings) {
      const bool certain = f.certainty.confidence == diagnosis::confidence::certain;
      EXPECT_EQ(f.certainty.other_cause.empty(), certain) << entry.path() << ' ' << f.id;
      EXPECT_EQ(f.certainty.decided_by.empty(), certain) << entry.path() << ' ' << f.id;
    }
    ++incidents;
  }
  EXPECT_GE(incidents, 30U);
}

TEST(json, reads_past_fields_of_a_later_version) {
  const auto read = from_json(sample_with("/findings/0/later", {{"more", 1}}));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), dumped_sample());
}

TEST(json, names_the_field_that_is_wrong) {
  EXPECT_EQ(what_is_wrong_with("[]"), "report: not a JSON object");
  EXPECT_EQ(what_is_wrong_with("{"), "report: not a JSON object");
  EXPECT_EQ(what_is_wrong_with("{}"), "report: field 'schema': there is no whole number");
  EXPECT_EQ(what_is_wrong_with(sample_with("/schema", 2)), "report: field 'schema': 2 is not 1");
  EXPECT_EQ(what_is_wrong_with(sample_with("/findings/1/severity", "bad")),
            "report: field 'findings[1].severity': 'bad' is not known");
  EXPECT_EQ(what_is_wrong_with(sample_with("/findings/0/evidence/2/value", 3)),
            "report: field 'findings[0].evidence[2].value': there is no text");
  EXPECT_EQ(what_is_wrong_with(sample_with("/findings", nullptr)),
            "report: field 'findings': there is no list");
  EXPECT_EQ(what_is_wrong_with(sample_with("/source", "live")),
            "report: field 'source': there is no object");
  EXPECT_EQ(what_is_wrong_with(sample_with("/states/TIME_WAIT", 1)),
            "report: field 'states.TIME_WAIT': there is no such state");
  EXPECT_EQ(what_is_wrong_with(sample_with("/findings/0/subject/pid", -1)),
            "report: field 'findings[0].subject.pid': there is no whole number up to 2147483647");
  EXPECT_THAT(what_is_wrong_with(sample_with("/host/uptime_s", 1.5)), HasSubstr("host.uptime_s"));
  EXPECT_THAT(what_is_wrong_with(sample_with("/taken_at", "2026-02-30T10:22:07Z")),
              HasSubstr("'2026-02-30T10:22:07Z' is not known"));
  EXPECT_FALSE(from_json("{}").error().hint.empty());
}

}  // namespace
}  // namespace waitstate::render
