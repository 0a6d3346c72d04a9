#include "waitstate/render/tune_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "json_parts.h"
#include "waitstate/render/clean.h"

namespace waitstate::render {
namespace {

json json_of(const remedy::role_leg& leg) {
  return {{"established", leg.established},
          {"time_wait", leg.time_wait},
          {"half_closed", leg.half_closed},
          {"fin_wait_2", leg.fin_wait_2},
          {"closes_per_second", leg.closes_per_second},
          {"closes_first", to_string(leg.closer)}};
}

json json_of(const remedy::seen_role& r, const snapshot& s) {
  json object{{"role", to_string(r.role)}, {"program", or_null(r.program)},
              {"ports", r.ports},          {"taken", json_of(r.taken)},
              {"made", json_of(r.made)},   {"destinations", r.destinations},
              {"tightest", nullptr}};
  if (r.tightest) {
    object["tightest"] = {{"destination", s.text_of(r.tightest->destination)},
                          {"ports", r.tightest->supply.usable()},
                          {"free", r.tightest->free}};
  }
  return object;
}

json json_of(const remedy::tune_plan& plan, const snapshot& s) {
  json object{{"from_traffic", plan.from_traffic},
              {"roles", json::array()},
              {"settings", json::array()},
              {"better", plan.better},
              {"refused", json::array()}};
  for (const auto& r : plan.roles) object["roles"].push_back(json_of(r, s));
  for (const auto& p : plan.settings) {
    object["settings"].push_back({{"key", p.key},
                                  {"now", or_null(p.now)},
                                  {"value", p.value},
                                  {"why", p.why},
                                  {"risk", p.risk}});
  }
  for (const auto& r : plan.refused) {
    object["refused"].push_back(
        {{"key", r.key}, {"popular", r.popular}, {"why", r.why}, {"proof", r.proof}});
  }
  return object;
}

json json_of(const remedy::tune_outcome& done) {
  json object{{"settings", json::array()},
              {"file", nullptr},
              {"journal", or_null(done.journal)},
              {"trouble", done.trouble ? json(done.trouble->what) : json(nullptr)}};
  for (const auto& one : done.settings) {
    object["settings"].push_back({{"key", one.key},
                                  {"before", one.before},
                                  {"now", one.now},
                                  {"outcome", to_string(one.outcome)}});
  }
  if (done.file_outcome) {
    object["file"] = {{"path", done.file}, {"outcome", to_string(*done.file_outcome)}};
  }
  return object;
}

json json_of(const std::optional<remedy::boot_setting>& b) {
  if (!b) return nullptr;
  return {{"value", b->value}, {"path", b->path}, {"line", b->line}, {"by_pattern", b->by_pattern}};
}

json seconds_or_null(const std::optional<std::chrono::seconds>& s) {
  return s ? json(s->count()) : json(nullptr);
}

/// In single quotes YAML takes everything as it is but for these.
std::string yaml_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string to_json(const std::optional<remedy::tune_plan>& plan, const snapshot& s,
                    const std::optional<remedy::tune_outcome>& outcome) {
  json object{{"schema", 1},
              {"namespace", nullptr},
              {"kernel", nullptr},
              {"plan", nullptr},
              {"outcome", outcome ? json_of(*outcome) : json(nullptr)},
              {"limits", json::array()}};
  if (plan) {
    object["namespace"] = {{"name", or_null(plan->net_namespace)},
                           {"inode", plan->net_namespace_inode}};
    object["kernel"] = or_null(plan->kernel_release);
    object["plan"] = json_of(*plan, s);
    object["limits"] = json_of(plan->limits);
  }
  return dumped(object);
}

std::string to_json(const remedy::settings_audit& audit) {
  json object{{"schema", 1},
              {"judged", audit.judged},
              {"set_at_boot", audit.set_at_boot},
              {"troubles", json::array()},
              {"unread", json::array()},
              {"unread_more", audit.unread_more}};
  for (const auto& t : audit.troubles) {
    object["troubles"].push_back({{"key", t.key},
                                  {"trouble", to_string(t.trouble)},
                                  {"now", or_null(t.now)},
                                  {"at_boot", json_of(t.at_boot)},
                                  {"hidden", json_of(t.hidden)},
                                  {"why", t.why}});
  }
  for (const auto& line : audit.unread) {
    object["unread"].push_back({{"path", line.path}, {"line", line.line}, {"why", line.why}});
  }
  object["limits"] = json_of(audit.limits);
  return dumped(object);
}

std::string to_json(const std::vector<remedy::destination_capacity>& capacity, const snapshot& s) {
  json object{{"schema", 1}, {"destinations", json::array()}, {"limits", json_of(s.limits)}};
  for (const auto& c : capacity) {
    object["destinations"].push_back({{"source", s.text_of(c.source)},
                                      {"destination", s.text_of(c.destination)},
                                      {"program", or_null(c.program)},
                                      {"ports", c.ports},
                                      {"in_use", c.in_use},
                                      {"open", c.open},
                                      {"held_ms", c.held.count()},
                                      {"per_second", c.rate},
                                      {"bearable_per_second", or_null(c.bearable)},
                                      {"with_reuse_per_second", or_null(c.with_reuse)},
                                      {"with_wide_range_per_second", or_null(c.with_wide_range)},
                                      {"each_address_per_second", or_null(c.each_address)},
                                      {"full_in_s", seconds_or_null(c.full_in)},
                                      {"growth_per_second", c.growth},
                                      {"full_at_growth_s", seconds_or_null(c.full_at_growth)}});
  }
  return dumped(object);
}

std::string to_ansible(const remedy::tune_plan& plan) {
  const auto on_one_line = [](std::string why) {
    std::ranges::replace(why, '\n', ' ');
    return clean(why);
  };
  std::string text = "# waitstate tune --format ansible; needs the collection ansible.posix\n";
  for (const auto& p : plan.settings) {
    text += fmt::format(
        "# {}\n"
        "- name: {}\n"
        "  ansible.posix.sysctl:\n"
        "    name: {}\n"
        "    value: {}\n"
        "    sysctl_file: /etc/sysctl.d/{}\n"
        "    sysctl_set: true\n"
        "    reload: false\n",
        on_one_line(p.why), yaml_quoted("set " + p.key), p.key, yaml_quoted(p.value),
        remedy::tune_places::file_name);
  }
  return text;
}

}  // namespace waitstate::render
