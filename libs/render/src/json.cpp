#include "waitstate/render/json.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "facts.h"
#include "json_fields.h"
#include "json_parts.h"
#include "waitstate/base/names.h"
#include "waitstate/tcp/state.h"

namespace waitstate::render {
namespace {

using diagnosis::finding;

json json_of(const diagnosis::subject& subject) {
  return json{{"kind", to_string(subject.kind)},
              {"text", subject.text},
              {"pid", subject.pid == 0 ? json(nullptr) : json(subject.pid)},
              {"process", or_null(subject.process)},
              {"host", or_null(subject.host)},
              {"net_namespace", or_null(subject.net_namespace)},
              {"container", or_null(subject.container)},
              {"container_name", or_null(subject.container_name)}};
}

json json_of(const finding& f) {
  json object;
  object["id"] = f.id;
  object["severity"] = to_string(f.severity);
  object["confidence"] = to_string(f.certainty.confidence);
  object["other_cause"] = or_null(f.certainty.other_cause);
  object["decided_by"] = or_null(f.certainty.decided_by);
  object["title"] = f.title;
  object["subject"] = json_of(f.subject);
  object["evidence"] = json::array();
  for (const auto& e : f.evidence) {
    object["evidence"].push_back(
        json{{"fact", e.fact}, {"value", e.value}, {"source", or_null(e.source)}});
  }
  object["cause"] = or_null(f.cause);
  object["forecast"] = or_null(f.forecast);
  object["remedies"] = json::array();
  for (const auto& r : f.remedies) {
    object["remedies"].push_back(json{{"text", r.text},
                                      {"command", or_null(r.command)},
                                      {"risk", or_null(r.risk)},
                                      {"undo", or_null(r.undo)}});
  }
  return object;
}

/// Of a duration or a time, which count in signed numbers.
constexpr std::uint64_t ticks_max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t pid_max = std::numeric_limits<std::int32_t>::max();

template <class Duration>
std::optional<Duration> duration_in(const json_fields& from, std::string_view key) {
  const auto ticks = from.number_or_null(key, ticks_max);
  if (!ticks) return std::nullopt;
  return Duration{static_cast<std::int64_t>(*ticks)};
}

host_facts host_in(const json_fields& from) {
  return {.os = from.word("os", parse_os_family),
          .name = from.text_or_null("name"),
          .kernel_release = from.text_or_null("kernel_release"),
          .uptime = duration_in<std::chrono::seconds>(from, "uptime_s"),
          .sysctls = {},
          .conntrack_count = from.number_or_null("conntrack_count"),
          .conntrack_max = from.number_or_null("conntrack_max"),
          .open_files = from.number_or_null("open_files"),
          .open_files_max = from.number_or_null("open_files_max")};
}

/// A name that two states share is the first one's.
state_counts states_in(const json_fields& from) {
  state_counts states;
  for (const auto& name : from.names()) {
    const auto state = named_in(tcp::all_states, name);
    const auto count = from.number(name);
    if (state) states.add(*state, count);
    if (!state) from.refuse(name, "there is no such state");
  }
  return states;
}

snapshot_summary summary_in(const json_fields& from) {
  const auto source = from.object("source");
  const auto host = from.object("host");
  snapshot_summary about{.source = source.word("kind", parse_source_kind),
                         .source_detail = source.text_or_null("detail"),
                         .taken_at = {},
                         .interval = duration_in<std::chrono::milliseconds>(source, "interval_ms"),
                         .host = host_in(host),
                         .namespaces = host.number("namespaces"),
                         .states = states_in(from.object("states"))};
  if (!from.text_or_null("taken_at").empty())
    about.taken_at = from.word("taken_at", parse_timestamp);
  return about;
}

diagnosis::subject subject_in(const json_fields& from) {
  return {.kind = from.word("kind", diagnosis::parse_subject_kind),
          .text = from.text("text"),
          .pid = static_cast<std::int32_t>(from.number_or_null("pid", pid_max).value_or(0)),
          .process = from.text_or_null("process"),
          .host = from.text_or_null("host"),
          .net_namespace = from.text_or_null("net_namespace"),
          .container = from.text_or_null("container"),
          .container_name = from.text_or_null("container_name")};
}

finding finding_in(const json_fields& from) {
  finding f{.id = from.text("id"),
            .severity = from.word("severity", diagnosis::parse_severity),
            .certainty = {.confidence = from.word("confidence", diagnosis::parse_confidence),
                          .other_cause = from.text_or_null("other_cause"),
                          .decided_by = from.text_or_null("decided_by")},
            .title = from.text("title"),
            .subject = subject_in(from.object("subject")),
            .evidence = {},
            .cause = from.text_or_null("cause"),
            .forecast = from.text_or_null("forecast"),
            .remedies = {}};
  for (const auto& e : from.list("evidence")) {
    f.evidence.push_back(
        {.fact = e.text("fact"), .value = e.text("value"), .source = e.text_or_null("source")});
  }
  for (const auto& r : from.list("remedies")) {
    f.remedies.push_back({.text = r.text("text"),
                          .command = r.text_or_null("command"),
                          .risk = r.text_or_null("risk"),
                          .undo = r.text_or_null("undo")});
  }
  return f;
}

diagnosis::report report_in(const json_fields& from) {
  const auto schema = from.number("schema");
  if (schema != json_schema)
    from.refuse("schema", fmt::format("{} is not {}", schema, json_schema));
  diagnosis::report r{.about = summary_in(from),
                      .verdict = from.word("verdict", diagnosis::parse_verdict),
                      .headline = from.text("headline"),
                      .findings = {},
                      .limits = {}};
  for (const auto& f : from.list("findings")) r.findings.push_back(finding_in(f));
  for (const auto& l : from.list("limits")) {
    r.limits.push_back(
        {.id = l.text("id"), .text = l.text("text"), .hint = l.text_or_null("hint")});
  }
  return r;
}

json json_of_report(const diagnosis::report& r) {
  auto object = render::json_of(r.about);
  object["verdict"] = to_string(r.verdict);
  object["headline"] = r.headline;
  object["findings"] = json::array();
  for (const auto& f : r.findings) object["findings"].push_back(json_of(f));
  object["limits"] = render::json_of(r.limits);
  return object;
}

}  // namespace

std::string to_json(const diagnosis::report& r) {
  return dumped(json_of_report(r));
}

std::string to_json_line(const diagnosis::report& r) {
  return json_of_report(r).dump(-1, ' ', true, json::error_handler_t::replace) + '\n';
}

result<diagnosis::report> from_json(std::string_view text) {
  // Not the ordered kind: it looks a key up by walking through all of them.
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object()) {
    return failure({.code = errc::corrupt,
                    .what = "report: not a JSON object",
                    .hint = "it takes what `waitstate diagnose --json` printed"});
  }
  std::optional<error> failed;
  auto made = report_in(json_fields(parsed, failed));
  if (failed) return failure(in_step("report", std::move(*failed)));
  return made;
}

}  // namespace waitstate::render
