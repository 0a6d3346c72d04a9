#include "json_parts.h"

#include <cstdint>

#include "facts.h"
#include "waitstate/render/json.h"
#include "waitstate/tcp/state.h"

namespace waitstate::render {
namespace {

json source_of(const snapshot_summary& s) {
  json source;
  source["kind"] = to_string(s.source);
  source["detail"] = or_null(s.source_detail);
  source["interval_ms"] = s.interval ? json(s.interval->count()) : json(nullptr);
  return source;
}

json host_of(const snapshot_summary& s) {
  const auto& host = s.host;
  json object;
  object["name"] = or_null(host.name);
  object["os"] = to_string(host.os);
  object["kernel_release"] = or_null(host.kernel_release);
  object["uptime_s"] = host.uptime ? json(host.uptime->count()) : json(nullptr);
  object["open_files"] = or_null(host.open_files);
  object["open_files_max"] = or_null(host.open_files_max);
  object["conntrack_count"] = or_null(host.conntrack_count);
  object["conntrack_max"] = or_null(host.conntrack_max);
  object["namespaces"] = s.namespaces;
  return object;
}

}  // namespace

json json_of(const snapshot_summary& s) {
  json object;
  object["schema"] = json_schema;
  const bool known = s.taken_at != std::chrono::system_clock::time_point{};  // a paste has no clock
  object["taken_at"] = known ? json(timestamp(s.taken_at)) : json(nullptr);
  object["source"] = source_of(s);
  object["host"] = host_of(s);
  object["states"] = json_of(s.states);
  return object;
}

json json_of(const state_counts& states) {
  json object = json::object();
  for (const auto state : tcp::all_states) {
    if (states.of(state) == 0) continue;
    auto& count = object[std::string(to_string(state))];  // two states share SYN-RECEIVED
    count = (count.is_null() ? 0 : count.get<std::uint64_t>()) + states.of(state);
  }
  return object;
}

json json_of(const std::vector<limit>& limits) {
  json array = json::array();
  for (const auto& l : limits) {
    array.push_back(json{{"id", l.id}, {"text", l.text}, {"hint", or_null(l.hint)}});
  }
  return array;
}

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

std::string dumped(const json& object) {
  return object.dump(2, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace waitstate::render
