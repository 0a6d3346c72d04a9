// waitstate guard: watch by a policy, and close or run what it says.
#include "app/cli/guard.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/guard_loop.h"
#include "app/cli/output.h"
#include "app/cli/selection.h"
#include "waitstate/base/duration.h"
#include "waitstate/base/text.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/guard/policy.h"
#include "waitstate/remedy/guard/state_file.h"
#include "waitstate/remedy/guard/suggestion.h"
#include "waitstate/render/guard_json.h"
#include "waitstate/render/guard_text.h"

namespace waitstate::cli {
namespace {

struct guard_typed {
  guard_choice choice{.policy = std::string(remedy::guard::usual_policy_path),
                      .state = std::string(remedy::guard::state_file::usual_path),
                      .audit = std::string(remedy::audit_log::usual_path)};
  std::optional<std::string> every;
  std::vector<std::string> suggest;
  bool check = false;
};

result<int> check(const std::string& path, bool json) {
  const auto p = usable_policy(path);
  if (!p) return failure(in_step("guard", p.error()));
  write_out(json ? render::to_json(*p, path)
                 : fmt::format("policy '{}': {}", path, render::to_text(*p)));
  return done;
}

result<int> suggest(const socket_selector& selected) {
  write_out(remedy::guard::suggested_policy(selected));
  return done;
}

result<socket_selector> checked_suggestion(const std::vector<std::string>& words) {
  auto selected = selection_of(words, {});
  if (selected && *selected == socket_selector{}) {
    return failure(error{.code = errc::invalid_input,
                         .what = "--suggest: nothing says which sockets",
                         .hint = "waitstate guard --suggest state:close-wait process:NAME"});
  }
  return selected;
}

result<guard_choice> checked(const guard_typed& typed) {
  using namespace std::chrono_literals;
  auto c = typed.choice;
  if (!typed.every) return c;
  const auto every = parse_duration(*typed.every);
  if (!every || *every < 1s || *every > 1h) {
    return failure(
        error{.code = errc::invalid_input,
              .what = fmt::format("--every: '{}' is not a duration from 1s to 1h", *typed.every),
              .hint = "--every 10s"});
  }
  c.every = *every;
  return c;
}

void add_options(CLI::App& sub, guard_typed& typed) {
  auto& c = typed.choice;
  sub.add_option(
         "--policy", c.policy,
         fmt::format("What to watch and what to do, else {}", remedy::guard::usual_policy_path))
      ->type_name("FILE");
  sub.add_flag("--check", typed.check, "Read the policy, say how it was understood, and end");
  sub.add_option(
         "--suggest", typed.suggest,
         "Print a policy to begin with, for these sockets (as for sockets and reap), and end")
      ->type_name("WORD");
  sub.add_flag("--once", c.once, "Look once, act, and end");
  sub.add_flag("--dry-run", c.dry_run, "Say what would be done; nothing is done or kept");
  sub.add_option("--every", typed.every, "So long between two looks, whatever the policy says")
      ->type_name("DURATION");
  sub.add_flag("--resume", c.resume, "Let rules act again that were stopped at their limit");
  sub.add_option("--state", c.state, "Keep what a restart has to know in this file")
      ->type_name("FILE");
  sub.add_option("--audit", c.audit, "Append a line for each act to this file")->type_name("FILE");
  sub.add_flag("--json", c.json, "Print a JSON object on each line");
}

}  // namespace

result<remedy::guard::policy> usable_policy(const std::string& path) {
  auto read = remedy::guard::read_policy(path);
  if (!read) return read;
  for (const auto& r : read->rules) {
    if (r.command.empty() || ::access(r.command.front().c_str(), X_OK) == 0) continue;
    auto e = from_errno(errno, fmt::format("policy '{}': rule '{}': command '{}'", path, r.name,
                                           r.command.front()));
    e.hint = fmt::format("chmod +x {}, or another path", shell_quoted(r.command.front()));
    return failure(std::move(e));
  }
  return read;
}

void add_guard(CLI::App& app, command& chosen) {
  auto typed = std::make_shared<guard_typed>();
  auto* sub = app.add_subcommand("guard", "Watch by a policy; report, run or close at a threshold");
  add_options(*sub, *typed);
  sub->footer(
      "examples:\n"
      "  waitstate guard --suggest state:close-wait process:java > guard.toml\n"
      "  waitstate guard --policy guard.toml --check     is it right?\n"
      "  waitstate guard --policy guard.toml --dry-run   what it would do\n"
      "  systemctl enable --now waitstate-guard          as a service");
  sub->callback([typed, &chosen] {
    auto ready = checked(*typed);
    if (!ready) {
      chosen.refused = in_step("guard", std::move(ready).error());
      return;
    }
    if (typed->check) {
      chosen.run = [path = ready->policy, json = ready->json] { return check(path, json); };
      return;
    }
    if (!typed->suggest.empty()) {
      auto selected = checked_suggestion(typed->suggest);
      if (!selected) {
        chosen.refused = in_step("guard", std::move(selected).error());
        return;
      }
      chosen.run = [s = *std::move(selected)] { return suggest(s); };
      return;
    }
    chosen.run = [c = *std::move(ready)]() -> result<int> {
      auto ended = run_guard(c);
      if (!ended) return failure(in_step("guard", std::move(ended).error()));
      return ended;
    };
  });
}

}  // namespace waitstate::cli
