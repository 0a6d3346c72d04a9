#include "waitstate/render/json.h"

#include "json_parts.h"

namespace waitstate::render {
namespace {

using diagnosis::finding;

json json_of(const diagnosis::subject& subject) {
  return json{{"kind", to_string(subject.kind)},
              {"text", subject.text},
              {"pid", subject.pid == 0 ? json(nullptr) : json(subject.pid)},
              {"process", or_null(subject.process)}};
}

json json_of(const finding& f) {
  json object;
  object["id"] = f.id;
  object["severity"] = to_string(f.severity);
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

}  // namespace

std::string to_json(const snapshot& s, const diagnosis::report& r) {
  auto object = json_of(s);
  object["verdict"] = to_string(r.verdict);
  object["headline"] = r.headline;
  object["findings"] = json::array();
  for (const auto& f : r.findings) object["findings"].push_back(json_of(f));
  object["limits"] = json_of(r.limits);
  return dumped(object);
}

}  // namespace waitstate::render
