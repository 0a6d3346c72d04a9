#include "waitstate/remedy/guard/perform.h"

#include <chrono>

#include <fmt/format.h>

namespace waitstate::remedy::guard {
namespace {

peer_pattern exactly(const tcp::endpoint& end) {
  const bool is_v4 = end.address.what() == tcp::address::kind::v4;
  return {.address = end.address,
          .prefix_bits = static_cast<std::uint8_t>(is_v4 ? 32 : 128),
          .port = end.port};
}

/// What to look for when sockets of one subject are closed.
reap_options options_for(const rule& r, const deed& d) {
  const auto& who = d.seen.who;
  reap_options options{.selected = r.selected,
                       .net_namespace = r.net_namespace,
                       .may = r.may,
                       .rule = r.name,
                       .at_most = d.at_most};
  if (who.destination) {
    options.selected.direction = direction::outbound;
    options.selected.peer = exactly(*who.destination);
  } else {
    options.holder = who.pid;
  }
  // One of several that the rule looks into.
  if (r.net_namespace == "all" && options.selected.net_namespace.empty()) {
    options.selected.net_namespace = std::to_string(who.net_namespace);
  }
  return options;
}

audit_entry entry_of(std::string_view outcome, const std::string& rule, const sighting& seen) {
  audit_entry entry{.at = std::chrono::system_clock::now(),
                    .verb = "guard",
                    .outcome = outcome,
                    .facts = {{"rule", rule},
                              {"owner", to_string(seen.who)},
                              {"namespace", fmt::format("net:[{}]", seen.who.net_namespace)}}};
  if (seen.count > 0) entry.facts.emplace_back("count", std::to_string(seen.count));
  return entry;
}

deed_outcome reap(const rule& r, const deed& d, audit_log& log,
                  const std::function<bool()>& give_up) {
  deed_outcome done;
  const auto options = options_for(r, d);
  const auto plan = plan_reap(options);
  if (!plan) {
    done.trouble = plan.error();
    return done;
  }
  done.to_close = plan->to_close;
  done.reaped = carry_out(*plan, options, {.give_up = give_up}, log);
  done.trouble = done.reaped->trouble;
  return done;
}

deed_outcome run(const rule& r, const deed& d, audit_log& log,
                 const std::function<bool()>& give_up) {
  deed_outcome done;
  auto before = entry_of("runs", r.name, d.seen);
  before.facts.emplace_back("command", fmt::format("{}", fmt::join(r.command, " ")));
  const auto recorded = log.record(before);
  if (!recorded) {
    done.trouble = recorded.error();
    return done;
  }
  auto end = run_command(command_for(r, d.seen), give_up);
  auto after = entry_of("ran", r.name, d.seen);
  after.facts.emplace_back("end", end ? to_string(*end) : end.error().what);
  const auto noted = log.record(after);
  if (end) {
    done.command = *std::move(end);
  } else {
    done.trouble = std::move(end).error();
  }
  if (!noted && !done.trouble) done.trouble = noted.error();
  return done;
}

}  // namespace

deed_outcome perform(const policy& p, const deed& d, audit_log& log,
                     const std::function<bool()>& give_up) {
  const auto& r = p.rules[d.rule];
  return r.action == rule_action::reap ? reap(r, d, log, give_up) : run(r, d, log, give_up);
}

result<> record(const notice& n, audit_log& log) {
  auto entry = entry_of(to_string(n.what), n.rule, n.seen);
  if (n.what == happening::ends) {
    entry.facts.emplace_back("most", std::to_string(n.most));
    entry.facts.emplace_back("closed", std::to_string(n.closed));
  }
  if (!n.why.empty()) entry.facts.emplace_back("why", n.why);
  return log.record(entry);
}

}  // namespace waitstate::remedy::guard
