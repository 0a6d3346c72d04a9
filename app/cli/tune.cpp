// waitstate tune: which settings of the kernel help this host, with reasons and undo.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/source.h"
#include "app/cli/tune_options.h"
#include "waitstate/kernel/setting_control.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/tune/boot_files.h"
#include "waitstate/remedy/tune/capacity.h"
#include "waitstate/remedy/tune/settings_audit.h"
#include "waitstate/remedy/tune/tune.h"
#include "waitstate/remedy/tune/tune_plan.h"
#include "waitstate/remedy/tune/undo.h"
#include "waitstate/render/tune_json.h"
#include "waitstate/render/tune_text.h"

namespace waitstate::cli {
namespace {

result<snapshot> look(const tune_choice& c) {
  auto from = c.from;
  // Who holds the connections matters where roles are told from them.
  from.owners = !c.role && c.settings.empty();
  auto seen = take_snapshot(from);
  if (!seen) return failure(seen.error());
  const bool is_linux =
      seen->host.os == os_family::linux_kernel || seen->host.os == os_family::unknown;
  if (!is_linux) {
    return failure({.code = errc::unsupported,
                    .what = fmt::format("the text is of {}, and the settings are Linux's",
                                        to_string(seen->host.os)),
                    .hint = "waitstate diagnose says what to set there"});
  }
  // What is said of the host counts, and not what it does now.
  if (c.role) seen->groups.clear();
  return seen;
}

/// The settings that the boot sets are those of the first process' network namespace. Who may not
/// see that cannot know, and a file for every later boot is not written on a guess.
bool is_set_by_boot(const kernel::setting_control& host) {
  const auto first = kernel::setting_control::open("1");
  return first && first->inode() == host.inode();
}

remedy::tune_places places_of(const tune_choice& c, const kernel::setting_control& host) {
  remedy::tune_places places{.sysctl_folder = {}, .state_folder = c.state};
  places.is_of_boot = is_set_by_boot(host);
  if (c.sysctl_folder) {
    places.sysctl_folder = *c.sysctl_folder;
  } else if (places.is_of_boot) {
    places.sysctl_folder = remedy::tune_places::usual_folder;
  }
  return places;
}

std::string written(const tune_choice& c, const std::optional<remedy::tune_plan>& plan,
                    const snapshot& s, const std::optional<remedy::tune_outcome>& outcome) {
  if (c.form == tune_form::json) return render::to_json(plan, s, outcome);
  if (outcome) return render::to_text(*outcome, c.undo, c.style);
  if (c.form == tune_form::ansible) return render::to_ansible(*plan);
  if (c.form == tune_form::sysctl_conf) return remedy::sysctl_conf(plan->settings);
  return render::to_text(*plan, s, c.command, c.style);
}

/// What a later boot would set otherwise, where a file was written.
void warn_of_later_files(const tune_choice& c, const remedy::tune_plan& plan,
                         const remedy::tune_outcome& outcome) {
  if (outcome.file_outcome != remedy::tuned::set || c.sysctl_folder) return;
  const auto files = remedy::read_boot_files(remedy::boot_folders());
  for (const auto& p : plan.settings) {
    const auto set = remedy::set_at_boot(files, p.key);
    if (!set || set->path == outcome.file) continue;
    write_error(
        fmt::format("waitstate: tune: {}:{} comes after it and sets {} to {} at the next boot\n",
                    set->path, set->line, p.key, set->value));
  }
}

result<int> apply(const tune_choice& c, const remedy::tune_plan& plan, const snapshot& s) {
  if (plan.settings.empty()) {
    write_out(written(c, plan, s, {}));
    return done;
  }
  const auto host = kernel::setting_control::open(c.from.net_namespace);
  if (!host) return failure(host.error());
  for (const auto& p : plan.settings) {
    if (const auto may = host->may_write(p.key); !may) return failure(may.error());
  }
  auto log = remedy::audit_log::open(c.log, "--log");
  if (!log) return failure(log.error());
  const auto outcome = remedy::apply(plan, *host, places_of(c, *host), *log);
  if (!outcome) return failure(outcome.error());
  write_out(written(c, plan, s, *outcome));
  if (outcome->trouble) return failure(*outcome->trouble);
  warn_of_later_files(c, plan, *outcome);
  return done;
}

result<int> undo(const tune_choice& c) {
  const auto host = kernel::setting_control::open(c.from.net_namespace);
  if (!host) return failure(host.error());
  auto log = remedy::audit_log::open(c.log, "--log");
  if (!log) return failure(log.error());
  const auto outcome = remedy::undo(*host, places_of(c, *host), *log);
  if (!outcome) return failure(outcome.error());
  write_out(written(c, {}, {}, *outcome));
  if (outcome->trouble) return failure(*outcome->trouble);
  const auto is_others = [](remedy::tuned t) { return t == remedy::tuned::changed_by_other; };
  const bool all_back =
      std::ranges::none_of(outcome->settings, is_others, &remedy::tuned_setting::outcome) &&
      !(outcome->file_outcome && is_others(*outcome->file_outcome));
  return all_back ? done : failed;
}

std::string audited(const tune_choice& c, const snapshot& s) {
  std::vector<remedy::sysctl_file> files;
  const auto host = c.from.from.empty() ? kernel::setting_control::open(c.from.net_namespace)
                                        : result<kernel::setting_control>();
  const bool of_this_host = c.from.from.empty() && host && is_set_by_boot(*host);
  if (c.sysctl_folder) {
    files = remedy::read_boot_files({*c.sysctl_folder});
  } else if (of_this_host) {
    files = remedy::read_boot_files(remedy::boot_folders());
  }
  const auto is_here = [&](std::string_view key) -> std::optional<bool> {
    const auto read = host ? host->read(key) : result<std::optional<std::string>>(std::nullopt);
    return read ? std::optional(read->has_value()) : std::nullopt;
  };
  auto audit = remedy::audit_settings(
      s, files, c.from.from.empty() && host ? is_here : remedy::setting_lookup());
  if (!of_this_host && !c.sysctl_folder) {
    audit.limits.push_back({.id = "boot-files-not-read",
                            .text = "the files of sysctl.d are those of the host's first network "
                                    "namespace, and this is about another",
                            .hint = {}});
  }
  return c.form == tune_form::json ? render::to_json(audit) : render::to_text(audit, c.style);
}

result<int> tune(const tune_choice& c) {
  if (c.act == tune_act::undo) return undo(c);
  const auto s = look(c);
  if (!s) return failure(s.error());
  if (c.act == tune_act::audit) {
    write_out(audited(c, *s));
    return done;
  }
  if (c.act == tune_act::capacity) {
    const auto all = remedy::capacity_of(*s);
    write_out(c.form == tune_form::json ? render::to_json(all, *s)
                                        : render::to_text(all, *s, c.style));
    return done;
  }
  auto plan = c.settings.empty() ? result<remedy::tune_plan>(remedy::plan_tuning(*s, c.role))
                                 : remedy::plan_settings(*s, c.settings);
  if (!plan) return failure(std::move(plan).error());
  if (c.act == tune_act::apply) return apply(c, *plan, *s);
  write_out(written(c, *plan, *s, {}));
  return done;
}

}  // namespace

void add_tune(CLI::App& app, command& chosen) {
  auto typed = std::make_shared<tune_typed>();
  auto* sub = app.add_subcommand("tune", "Settings of the kernel: which help here, with undo");
  add_tune_options(*sub, *typed);
  add_output_options(*sub, typed->output);
  sub->footer(
      "examples:\n"
      "  waitstate tune                            what this host lacks, and what not\n"
      "  waitstate tune --interval 5s              with rates, and who closes first\n"
      "  waitstate tune --apply                    changes them; --undo takes it back\n"
      "  waitstate tune net.ipv4.tcp_tw_reuse=1    one setting\n"
      "  waitstate tune --for load-balancer        before there is traffic\n"
      "  waitstate tune --audit                    files of sysctl.d, too\n"
      "  waitstate tune --capacity --interval 5s   connections a second, and until when");
  sub->callback([typed, &chosen] {
    auto ready = checked(*typed);
    if (!ready) {
      chosen.refused = in_step("tune", std::move(ready).error());
      return;
    }
    chosen.run = [c = *std::move(ready)]() -> result<int> {
      auto answer = tune(c);
      if (!answer) return failure(in_step("tune", std::move(answer).error()));
      return answer;
    };
  });
}

}  // namespace waitstate::cli
