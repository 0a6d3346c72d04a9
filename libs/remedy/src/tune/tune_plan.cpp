#include "waitstate/remedy/tune/tune_plan.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "tune/port_proposals.h"
#include "tune/refusals.h"
#include "tune/server_proposals.h"
#include "tune/situation.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"

namespace waitstate::remedy {
namespace {

bool makes_connections(const seen_role& r) {
  return r.role != host_role::web_server;
}

std::string name_of(const seen_role& r) {
  return r.program.empty() ? std::string("who connects") : r.program;
}

/// What helps more than a setting, and where TIME-WAIT is that needs none.
std::vector<std::string> better_than_settings(const situation& now) {
  std::vector<std::string> better;
  for (const auto& r : now.roles) {
    if (!makes_connections(r)) continue;
    const bool closes_here = r.made.closer == first_closer::this_host || now.is_said;
    if (!closes_here) continue;
    better.push_back(fmt::format(
        "Let {} keep its connections: the settings only move the limit, a connection that is used "
        "again needs no new port (`waitstate diagnose` says how, for its runtime)",
        name_of(r)));
    break;
  }
  for (const auto& r : now.roles) {
    if (r.made.closer != first_closer::other_end) continue;
    better.push_back(
        fmt::format("Nothing is to be set for the connections that {} makes: the other end closes "
                    "first and has "
                    "their TIME-WAIT; the port is free here at once",
                    name_of(r)));
  }
  const auto taken = now.taken_in_time_wait();
  if (taken > 0) {
    better.push_back(
        fmt::format("Nothing is to be set for {} TIME-WAIT of accepted connections: they hold no "
                    "port and about "
                    "{} of memory; a client that comes back with the same port is let in",
                    grouped(taken), bytes(taken * 256)));
  }
  return better;
}

std::vector<limit> limits_of(const situation& now) {
  std::vector<limit> limits(now.s.limits);
  if (now.is_said) return limits;
  const bool is_open = std::ranges::any_of(now.roles, [](const seen_role& r) {
    return makes_connections(r) && r.made.closer == first_closer::unknown && r.made.total() > 0;
  });
  if (is_open && !now.s.interval) {
    limits.push_back({.id = "closer-not-seen",
                      .text =
                          "which side closes first is not seen on connections that left nothing "
                          "behind: they are kept, or the other end closes",
                      .hint = "--interval 5s"});
  }
  if (now.roles.empty()) {
    limits.push_back({.id = "no-traffic",
                      .text = "there are no connections to tell this host's roles from",
                      .hint = "--for load-balancer, web-server, database-client, crawler, proxy"});
  }
  return limits;
}

struct planning {
  std::vector<diagnosis::port_headroom> headrooms;
  std::vector<seen_role> roles;
};

planning prepared(const snapshot& s, std::optional<host_role> said) {
  planning with;
  if (said) {
    with.roles.push_back({.role = *said});
    return with;
  }
  with.headrooms = diagnosis::headrooms_of(s, diagnosis::port_table(s));
  with.roles = roles_of(s, 0, with.headrooms);
  return with;
}

situation situation_of(const snapshot& s, const planning& with, bool is_said) {
  return {.s = s,
          .ns = s.namespaces.front(),
          .release = s.host.version(),
          .roles = with.roles,
          .supply = diagnosis::supply_of(s, 0),
          .reuse = diagnosis::reuse_of(s, 0),
          .is_said = is_said};
}

tune_plan begun(const snapshot& s, const planning& with, bool from_traffic) {
  return {.net_namespace = s.namespaces.front().name,
          .net_namespace_inode = s.namespaces.front().inode,
          .kernel_release = s.host.kernel_release,
          .from_traffic = from_traffic,
          .roles = with.roles};
}

/// The first of each key: what was proposed for two reasons is made once.
void take_in(proposals more, proposals& to) {
  for (auto& p : more) {
    const bool is_there = std::ranges::find(to, p.key, &planned_setting::key) != to.end();
    if (!is_there) to.push_back(std::move(p));
  }
}

proposals proposals_of(const situation& now) {
  proposals made;
  take_in(propose_ports(now), made);
  take_in(propose_queues(now), made);
  take_in(propose_keepalive(now), made);
  take_in(propose_conntrack(now), made);
  return made;
}

failure refused(const refused_setting& r, std::string_view value) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("{}={} is refused: {}; here: {}", r.key, quotable(value),
                                      r.why, r.proof),
                  .hint = "waitstate tune alone says what helps this host"});
}

/// One word of those that choose settings.
result<planned_setting> chosen(const situation& now, const proposals& own, std::string_view word) {
  const auto equals = word.find('=');
  const auto name = word.substr(0, equals);
  const auto typed = equals == word.npos ? std::string_view() : word.substr(equals + 1);
  if (const auto r = refusal_of_unknown(now, name)) return refused(*r, typed);
  const auto setting = setting_named(name);
  if (!setting) return failure(setting.error());
  const auto key = (*setting)->key;
  const auto planned = std::ranges::find(own, key, &planned_setting::key);
  if (equals == word.npos) {
    if (planned != own.end()) return *planned;
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("{}: this host's plan does not change it", key),
                    .hint = fmt::format("{}=VALUE sets it", key)});
  }
  auto value = checked_value(**setting, typed);
  if (!value) return failure(std::move(value).error());
  if (const auto r = refusal_of(now, key, *value, true)) return refused(*r, *value);
  if (!now.has(key)) {
    return failure(
        {.code = errc::invalid_input,
         .what = fmt::format(
             "{}: this kernel{} has no such setting", key,
             now.release ? fmt::format(" ({}.{})", now.release->major, now.release->minor) : ""),
         .hint = {}});
  }
  if (planned != own.end() && planned->value == *value) return *planned;
  auto why = fmt::format("as typed: {}; worth it when {}", (*setting)->does, (*setting)->helps);
  // A plan refuses it; it does no harm, and a person may know more.
  if (const auto vain = refusal_of(now, key, *value, false)) {
    why += fmt::format(". A plan would not: {}. Here: {}", vain->why, vain->proof);
  }
  return planned_setting{.key = std::string(key),
                         .now = now.value(key),
                         .value = *std::move(value),
                         .why = std::move(why),
                         .risk = std::string((*setting)->risk)};
}

}  // namespace

tune_plan plan_tuning(const snapshot& s, std::optional<host_role> said) {
  assert(!s.namespaces.empty());
  const auto with = prepared(s, said);
  const auto now = situation_of(s, with, said.has_value());
  auto plan = begun(s, with, !said);
  plan.settings = proposals_of(now);
  plan.better = better_than_settings(now);
  plan.refused = refusals(now, plan.settings);
  plan.limits = limits_of(now);
  return plan;
}

result<tune_plan> plan_settings(const snapshot& s, std::span<const std::string> words) {
  assert(!s.namespaces.empty());
  const auto with = prepared(s, {});
  const auto now = situation_of(s, with, false);
  const auto own = proposals_of(now);
  auto plan = begun(s, with, true);
  for (const auto& word : words) {
    auto one = chosen(now, own, word);
    if (!one) return failure(std::move(one).error());
    const bool twice =
        std::ranges::find(plan.settings, one->key, &planned_setting::key) != plan.settings.end();
    if (twice) {
      return failure({.code = errc::invalid_input,
                      .what = fmt::format("{} is given twice", one->key),
                      .hint = {}});
    }
    plan.settings.push_back(*std::move(one));
  }
  plan.limits = s.limits;
  return plan;
}

}  // namespace waitstate::remedy
