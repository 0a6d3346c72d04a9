#include "app/cli/guard_loop.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/cli/awaited_signals.h"
#include "app/cli/commands.h"
#include "app/cli/guard.h"
#include "app/cli/line_output.h"
#include "app/cli/service_manager.h"
#include "waitstate/base/text.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/guard/census.h"
#include "waitstate/remedy/guard/judgement.h"
#include "waitstate/remedy/guard/memory.h"
#include "waitstate/remedy/guard/perform.h"
#include "waitstate/remedy/guard/policy.h"
#include "waitstate/remedy/guard/state_file.h"
#include "waitstate/render/guard_json.h"
#include "waitstate/render/guard_text.h"

namespace waitstate::cli {
namespace {

using namespace remedy::guard;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class guard_loop {
 public:
  guard_loop(const guard_choice& c, policy p) : choice_(c), policy_(std::move(p)) {}

  result<int> run() {
    const auto opened = open();
    if (!opened) return failure(opened.error());
    begin();
    while (true) {
      const auto began = steady_clock::now();
      const auto seen = look();
      if (!seen) return failure(seen.error());
      if (choice_.once || signals_.is_end_asked()) break;
      if (!wait_until(began + choice_.every.value_or(policy_.every))) break;
    }
    service_.stopping();
    return choice_.once && is_in_trouble() ? failed : done;
  }

 private:
  /// What cannot be recorded or remembered is not begun.
  result<> open() {
    if (choice_.dry_run) return {};
    auto log = remedy::audit_log::open(choice_.audit);
    if (!log) return failure(std::move(log).error());
    log_ = *std::move(log);
    auto state = state_file::open(choice_.state);
    if (!state) return failure(std::move(state).error());
    state_ = *std::move(state);
    auto loaded = state_->load();
    if (!loaded) return failure(std::move(loaded).error());
    memory_ = *std::move(loaded);
    if (choice_.resume) memory_.resume();
    return save();
  }

  void begin() {
    if (choice_.json || choice_.once) {
      tell_stopped();
      service_.ready("looking");
      return;
    }
    say(render::to_text(policy_));
    tell_stopped();
    service_.ready(fmt::format("{}, a look every {}", counted(policy_.rules.size(), "rule"),
                               elapsed(choice_.every.value_or(policy_.every))));
  }

  [[nodiscard]] bool is_in_trouble() const {
    return !troubles_.empty() || std::ranges::any_of(memory_.rules, &rule_memory::is_stopped);
  }

  void tell_stopped() {
    for (const auto& r : memory_.rules) {
      if (!r.is_stopped) continue;
      tell(r.rule,
           {.code = errc::unavailable,
            .what = "it was stopped when it would have passed its limit, and closes nothing",
            .hint = "SIGHUP or --resume lets it go on"});
    }
  }

  /// One look and what follows from it. Fails only where no time can be told.
  result<> look() {
    service_.tick();
    const auto seen =
        take_census(policy_, [&](std::string_view, std::uint64_t) { service_.tick(); });
    const auto now = moment_now();
    if (!now) return failure(now.error());
    std::map<std::string, std::string> troubles;
    std::swap(troubles, troubles_);
    before_ = std::move(troubles);
    for (const auto& [rule, trouble] : seen.troubles) tell(policy_.rules[rule].name, trouble);
    auto decided = judge(policy_, seen, memory_, *now);
    // A deed that a restart would not know of could be done twice.
    const auto saved = save(decided.after);
    if (!saved) {
      tell("guard", saved.error());
      decided = judge(policy_, seen, memory_, *now, false);
    }
    memory_ = std::move(decided.after);
    for (const auto& n : decided.notices) tell(n);
    for (const auto& d : decided.deeds) act(d);
    tell_lost();
    return {};
  }

  void act(const deed& d) {
    if (!log_) {  // a dry run
      say(choice_.json ? json().line(policy_, d) : render::to_line(policy_, d));
      note_closed(memory_, policy_, d, 0);
      return;
    }
    if (signals_.is_end_asked()) return;
    const auto became = perform(policy_, d, *log_, [&] {
      service_.tick();
      return signals_.is_end_asked();
    });
    if (policy_.rules[d.rule].action == rule_action::reap) {
      note_closed(memory_, policy_, d, became.closed());
    }
    const bool is_news = became.closed() > 0 || became.command;
    if (is_news)
      say(choice_.json ? json().line(policy_, d, became) : render::to_line(policy_, d, became));
    if (became.trouble) tell(policy_.rules[d.rule].name, *became.trouble);
  }

  void tell(const notice& n) {
    say(choice_.json ? json().line(n) : render::to_line(policy_, n));
    if (!log_) return;
    const auto recorded = record(n, *log_);
    if (!recorded) tell("guard", recorded.error());
  }

  /// Once, as long as it lasts.
  void tell(const std::string& rule, const error& trouble) {
    const auto known = before_.find(rule);
    const bool is_known = known != before_.end() && known->second == trouble.what;
    const auto [at, is_first] = troubles_.emplace(rule, trouble.what);
    if (is_known || (!is_first && at->second == trouble.what)) return;
    if (choice_.json) {
      say(json().line(rule, trouble));
    } else {
      errors_.write(fmt::format("waitstate: guard: {}", render::to_line(rule, trouble)));
    }
  }

  [[nodiscard]] static render::guard_json json() {
    return render::guard_json(std::chrono::system_clock::now());
  }

  /// At once: whoever reads it, a journal say, does not wait for the next. And whoever does not
  /// read it keeps nobody from guarding.
  void say(std::string text) {
    out_.write(std::move(text));
    lost_ += out_.take_lost();
  }

  /// How much nobody read, as soon as somebody reads again.
  void tell_lost() {
    if (lost_ == 0) return;
    const auto lost = std::exchange(lost_, 0);
    const error trouble{.code = errc::unavailable,
                        .what = counted(lost, "line") + " could not be written: nobody read them",
                        .hint = "they are in the audit log"};
    say(choice_.json ? json().line("guard", trouble) : render::to_line("guard", trouble));
    if (lost_ > 0) lost_ = lost;
  }

  result<> save() { return save(memory_); }
  result<> save(const memory& m) {
    if (!state_ || saved_ == m) return {};
    auto written = state_->save(m);
    if (written) saved_ = m;
    return written;
  }

  /// False where the end is asked for.
  bool wait_until(steady_clock::time_point next) {
    while (true) {
      service_.tick();
      const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now());
      const auto arrived = signals_.wait(std::min(left, service_.tick_every().value_or(left)));
      if (arrived == SIGHUP) reload();
      if (arrived && *arrived != SIGHUP) return false;
      if (!arrived && steady_clock::now() >= next) return true;
    }
  }

  /// The policy that there is stays until there is a better one.
  void reload() {
    service_.reloading();
    auto read = usable_policy(choice_.policy);
    const bool is_usable = read.has_value();
    if (is_usable) {
      policy_ = *std::move(read);
      memory_.resume();
      if (!choice_.json) say(fmt::format("read again: {}", render::to_text(policy_)));
    } else {
      auto kept = read.error();
      kept.what += "; the policy that was read before stays";
      tell("guard", kept);
    }
    if (log_) {
      auto log = remedy::audit_log::open(choice_.audit);
      if (log) log_ = *std::move(log);
    }
    service_.ready(is_usable ? "read again" : "kept the policy that was read before");
  }

  const guard_choice& choice_;
  policy policy_;
  memory memory_;
  std::optional<memory> saved_;
  std::map<std::string, std::string> troubles_;  ///< Of this look, by rule.
  std::map<std::string, std::string> before_;    ///< Of the look before.
  std::optional<remedy::audit_log> log_;
  std::optional<state_file> state_;
  line_output out_{STDOUT_FILENO};
  line_output errors_{STDERR_FILENO};
  std::uint64_t lost_ = 0;  ///< Lines that nobody read.
  awaited_signals signals_;
  service_manager service_;
};

}  // namespace

result<int> run_guard(const guard_choice& c) {
  auto p = usable_policy(c.policy);
  if (!p) return failure(std::move(p).error());
  return guard_loop(c, *std::move(p)).run();
}

}  // namespace waitstate::cli
