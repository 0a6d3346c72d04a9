#include "waitstate/remedy/guard/judgement.h"

#include <algorithm>
#include <utility>

namespace waitstate::remedy::guard {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds minute{60'000};

std::uint64_t spent_in(const rule_memory& r) {
  std::uint64_t sum = 0;
  for (const auto& e : r.spent) sum += e.count;
  return sum;
}

void spend(rule_memory& r, milliseconds at, std::uint64_t count) {
  if (!r.spent.empty() && r.spent.back().at == at) {
    r.spent.back().count += count;
  } else {
    r.spent.push_back({.at = at, .count = count});
  }
}

notice end_of(const std::string& rule, const incident& over, milliseconds now, std::string why) {
  return {.what = happening::ends,
          .rule = rule,
          .seen = {.who = over.who},
          .lasted = now - over.began,
          .most = over.most,
          .closed = over.closed,
          .why = std::move(why)};
}

/// Judges one look; used once.
class judge_of_a_look {
 public:
  judge_of_a_look(const policy& p, const census& seen, const moment& now, bool may_act)
      : policy_(p), seen_(seen), now_(now.since_boot), boot_id_(now.boot_id), may_act_(may_act) {}

  decision run(memory before) {
    made_.after.boot_id = boot_id_;
    const bool same_boot = before.boot_id == boot_id_ || before.boot_id.empty();
    if (!same_boot) end_all(before, "the host was started again");
    end_without_rule(before);
    for (const auto& r : before.rules) open_ += r.open.size();
    made_.after.rules.reserve(policy_.rules.size());
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      made_.after.rules.push_back(remembered(before, policy_.rules[i].name));
      judge(i, made_.after.rules.back());
    }
    return std::move(made_);
  }

 private:
  void end_all(memory& m, const std::string& why) {
    for (auto& r : m.rules) {
      for (const auto& over : r.open) {
        made_.notices.push_back(end_of(r.rule, over, over.last_over, why));
      }
      r.open.clear();
      r.spent.clear();
    }
  }

  void end_without_rule(const memory& m) {
    for (const auto& r : m.rules) {
      if (std::ranges::find(policy_.rules, r.rule, &rule::name) != policy_.rules.end()) continue;
      for (const auto& over : r.open) {
        made_.notices.push_back(end_of(r.rule, over, now_, "no rule watches it any more"));
      }
    }
  }

  /// No time of it is in the future, whatever was written there.
  [[nodiscard]] rule_memory remembered(const memory& m, const std::string& name) const {
    const auto at = std::ranges::find(m.rules, name, &rule_memory::rule);
    if (at == m.rules.end()) return {.rule = name};
    auto r = *at;
    for (auto& over : r.open) {
      over.began = std::min(over.began, now_);
      over.last_over = std::min(over.last_over, now_);
      if (over.last_command) over.last_command = std::min(*over.last_command, now_);
    }
    std::erase_if(r.spent, [&](const expense& e) { return e.at + minute <= now_; });
    for (auto& e : r.spent) e.at = std::min(e.at, now_);
    return r;
  }

  void judge(std::size_t index, rule_memory& r) {
    if (index >= seen_.looked_at.size() || !seen_.looked_at[index]) return;
    const auto& rule = policy_.rules[index];
    for (const auto& s : seen_.seen) {
      if (s.rule != index || !is_over(rule.when, s)) continue;
      auto* const over = incident_of(r, s);
      if (over == nullptr) continue;
      over->last_over = now_;
      over->most = std::max(over->most, s.count);
      if (may_act_) act(rule, r, *over, s);
    }
    end_quiet(rule, r);
  }

  /// nullptr past the bound.
  incident* incident_of(rule_memory& r, const sighting& s) {
    const auto at = std::ranges::find(r.open, s.who, &incident::who);
    if (at != r.open.end()) return &*at;
    if (r.open.size() >= rule_memory::incidents_max || open_ >= memory::incidents_max) {
      return nullptr;
    }
    ++open_;
    made_.notices.push_back({.what = happening::begins, .rule = r.rule, .seen = s});
    return &r.open.emplace_back(incident{.who = s.who, .began = now_, .last_over = now_});
  }

  void act(const rule& rule, rule_memory& r, incident& over, const sighting& s) {
    if (rule.action == rule_action::reap) reap(rule, r, s);
    if (rule.action == rule_action::run) run_command(rule, r, over, s);
  }

  void reap(const rule& rule, rule_memory& r, const sighting& s) {
    if (r.is_stopped || s.closable == 0) return;
    const auto left = rule.per_minute - std::min(rule.per_minute, spent_in(r));
    if (s.closable > left && !r.is_resumed) {
      r.is_stopped = true;
      made_.notices.push_back(
          {.what = happening::stops, .rule = r.rule, .seen = s, .closed = spent_in(r)});
      return;
    }
    const auto count = std::min(s.closable, left);
    if (count == 0) return;
    spend(r, now_, count);
    made_.deeds.push_back({.rule = s.rule, .seen = s, .at_most = count});
  }

  void run_command(const rule& rule, rule_memory& r, incident& over, const sighting& s) {
    const bool is_quiet = over.last_command && now_ - *over.last_command < rule.quiet;
    if (is_quiet || spent_in(r) >= rule.per_minute) return;
    over.last_command = now_;
    spend(r, now_, 1);
    made_.deeds.push_back({.rule = s.rule, .seen = s});
  }

  void end_quiet(const rule& rule, rule_memory& r) {
    std::erase_if(r.open, [&](const incident& over) {
      if (now_ - over.last_over < rule.quiet) return false;
      made_.notices.push_back(end_of(r.rule, over, over.last_over, {}));
      return true;
    });
    r.is_resumed = r.is_resumed && !r.open.empty();
  }

  const policy& policy_;
  const census& seen_;
  milliseconds now_;
  std::string boot_id_;
  bool may_act_;
  std::size_t open_ = 0;  ///< Incidents of all rules.
  decision made_;
};

}  // namespace

std::string_view to_string(happening what) {
  switch (what) {
    case happening::begins: return "begins";
    case happening::ends: return "ends";
    case happening::stops: return "stops";
  }
  return "begins";
}

decision judge(const policy& p, const census& now_seen, memory before, const moment& now,
               bool may_act) {
  return judge_of_a_look(p, now_seen, now, may_act).run(std::move(before));
}

void note_closed(memory& m, const policy& p, const deed& done, std::uint64_t closed) {
  const auto r = std::ranges::find(m.rules, p.rules[done.rule].name, &rule_memory::rule);
  if (r == m.rules.end()) return;
  const auto over = std::ranges::find(r->open, done.seen.who, &incident::who);
  if (over != r->open.end()) over->closed += closed;
  if (r->spent.empty()) return;
  auto& last = r->spent.back().count;
  last -= std::min(last, done.at_most - std::min(done.at_most, closed));
}

}  // namespace waitstate::remedy::guard
