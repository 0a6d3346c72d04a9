#include "waitstate/render/guard_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "json_parts.h"

namespace waitstate::render {
namespace {

using namespace remedy::guard;

/// Every line has all fields of its kind.
json line_of(guard_json::time_point at, std::string_view event, const std::string& rule) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return {{"schema", 1},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(seconds))},
          {"event", event},
          {"rule", rule}};
}

void add(json& to, const sighting& s) {
  const auto& who = s.who;
  to["namespace"] = {{"name", or_null(s.namespace_name)}, {"inode", who.net_namespace}};
  to["owner"] =
      who.pid == 0 ? json(nullptr) : json{{"pid", who.pid}, {"process", or_null(who.process)}};
  to["source"] = who.destination ? json(to_string(who.source)) : json(nullptr);
  to["destination"] = who.destination ? json(to_string(*who.destination)) : json(nullptr);
  to["count"] = s.count;
  to["closable"] = s.closable;
  to["oldest_ms"] = or_null(s.oldest_ms);
  to["descriptor_limit"] = or_null(s.fd_limit);
  to["ports_left"] = or_null(s.ports_left);
}

template <class Duration>
json milliseconds_or_null(const std::optional<Duration>& time) {
  return time ? json(time->count()) : json(nullptr);
}

json json_of(const threshold& when) {
  return {{"count", or_null(when.count)},
          {"older_ms", milliseconds_or_null(when.older)},
          {"descriptors_percent", or_null(when.descriptors_percent)},
          {"pool", when.pool ? json{{"size", when.pool->size}, {"percent", when.pool->percent}}
                             : json(nullptr)},
          {"ports_left", or_null(when.ports_left)}};
}

json json_of(const rule& r) {
  const bool reaps = r.action == rule_action::reap;
  const bool runs = r.action == rule_action::run;
  return {{"name", r.name},
          {"select", to_text(r.selected)},
          {"netns", or_null(r.net_namespace)},
          {"when", json_of(r.when)},
          {"action", to_string(r.action)},
          {"run", r.command},
          {"time_limit_ms", runs ? json(r.time_limit.count()) : json(nullptr)},
          {"reap", reaps ? json{{"how", to_string(r.may.how)},
                                {"even_established", r.may.even_established},
                                {"free_ports", r.may.free_ports}}
                         : json(nullptr)},
          {"per_minute", reaps || runs ? json(r.per_minute) : json(nullptr)},
          {"quiet_ms", r.quiet.count()}};
}

std::string one_line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string guard_json::line(const notice& n) const {
  auto object = line_of(at_, to_string(n.what), n.rule);
  add(object, n.seen);
  if (n.what == happening::ends) {
    object["lasted_ms"] = n.lasted.count();
    object["most"] = n.most;
    object["closed"] = n.closed;
    object["why"] = or_null(n.why);
  }
  if (n.what == happening::stops) object["closed_in_minute"] = n.closed;
  return one_line(object);
}

std::string guard_json::line(const policy& p, const deed& d, const deed_outcome& became) const {
  const auto& r = p.rules[d.rule];
  auto object = line_of(at_, r.action == rule_action::reap ? "closed" : "ran", r.name);
  add(object, d.seen);
  if (became.reaped) {
    object["to_close"] = became.to_close;
    object["closed"] = became.closed();
    object["descriptors_left"] = became.reaped->descriptors_left;
  }
  if (became.command) {
    object["exit_status"] = or_null(became.command->exit_status);
    object["signal"] = or_null(became.command->signal);
    object["timed_out"] = became.command->is_timed_out;
    object["output"] = became.command->output;
    object["output_cut"] = became.command->output_cut;
  }
  object["trouble"] = became.trouble ? json(became.trouble->what) : json(nullptr);
  return one_line(object);
}

std::string guard_json::line(const policy& p, const deed& d) const {
  const auto& r = p.rules[d.rule];
  const bool reaps = r.action == rule_action::reap;
  auto object = line_of(at_, reaps ? "would-close" : "would-run", r.name);
  add(object, d.seen);
  if (reaps) object["to_close"] = d.at_most;
  return one_line(object);
}

std::string guard_json::line(const std::string& rule, const error& trouble) const {
  auto object = line_of(at_, "trouble", rule);
  object["trouble"] = trouble.what;
  object["hint"] = or_null(trouble.hint);
  return one_line(object);
}

std::string to_json(const policy& p, const std::string& path) {
  json object{
      {"schema", 1}, {"policy", path}, {"every_ms", p.every.count()}, {"rules", json::array()}};
  for (const auto& r : p.rules) object["rules"].push_back(json_of(r));
  return dumped(object);
}

}  // namespace waitstate::render
