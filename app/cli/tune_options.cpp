#include "app/cli/tune_options.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "app/cli/shell_word.h"

namespace waitstate::cli {
namespace {

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

/// What to type again for the same plan.
std::string command_of(const tune_typed& typed) {
  if (!typed.from.from.empty()) return {};
  std::string command = "waitstate tune";
  const auto add = [&](std::string_view option, const std::string& value) {
    command += fmt::format(" {} {}", option, shell_word(value));
  };
  for (const auto& word : typed.settings) command += ' ' + shell_word(word);
  const tune_typed usual;
  if (!typed.role.empty()) add("--for", typed.role);
  if (typed.from.net_namespace) add("--netns", *typed.from.net_namespace);
  if (!typed.from.how.empty()) add("--source", typed.from.how);
  if (!typed.from.interval.empty()) add("--interval", typed.from.interval);
  if (typed.sysctl_folder) add("--sysctl-dir", *typed.sysctl_folder);
  if (typed.state != usual.state) add("--state", typed.state);
  if (typed.log != usual.log) add("--log", typed.log);
  return command;
}

std::string undo_of(const tune_typed& typed) {
  tune_typed same{.state = typed.state, .log = typed.log};
  same.from.net_namespace = typed.from.net_namespace;
  return command_of(same) + " --undo";
}

/// The journal names the file that is in it, and is read from anywhere.
std::optional<std::string> absolute(const std::optional<std::string>& folder) {
  if (!folder) return folder;
  std::error_code trouble;
  const auto path = std::filesystem::absolute(*folder, trouble);
  return trouble ? *folder : path.lexically_normal().string();
}

result<tune_act> act_of(const tune_typed& typed) {
  using named = std::pair<bool, std::pair<std::string_view, tune_act>>;
  const std::array acts{named{typed.apply, {"--apply", tune_act::apply}},
                        named{typed.undo, {"--undo", tune_act::undo}},
                        named{typed.audit, {"--audit", tune_act::audit}},
                        named{typed.capacity, {"--capacity", tune_act::capacity}}};
  auto act = tune_act::plan;
  std::string_view first;
  for (const auto& [is_given, one] : acts) {
    if (!is_given) continue;
    if (!first.empty()) {
      return refused(fmt::format("{} and {} do not go together", first, one.first),
                     "one after the other");
    }
    first = one.first;
    act = one.second;
  }
  const bool plans = act == tune_act::plan || act == tune_act::apply;
  if (!plans && (!typed.settings.empty() || !typed.role.empty())) {
    return refused(fmt::format("{} takes no setting and no --for", first), {});
  }
  const bool changes = act == tune_act::apply || act == tune_act::undo;
  if (changes && !typed.from.from.empty()) {
    return refused(fmt::format("--from and {} do not go together", first),
                   "a paste can be planned for: --format sysctl.conf prints what to set there");
  }
  return act;
}

result<tune_form> form_of(const tune_typed& typed, tune_act act) {
  if (typed.format.empty()) return typed.output.json ? tune_form::json : tune_form::text;
  if (typed.output.json && typed.format != "json") {
    return refused("--json and --format do not go together", "--format json is --json");
  }
  if (typed.format == "text") return tune_form::text;
  if (typed.format == "json") return tune_form::json;
  const bool is_file = typed.format == "ansible" || typed.format == "sysctl.conf";
  if (!is_file) {
    return refused(fmt::format("--format: there is no form '{}'", typed.format),
                   "text, json, ansible or sysctl.conf");
  }
  if (act != tune_act::plan) {
    return refused(fmt::format("--format {} is for a plan", typed.format), "text or json");
  }
  return typed.format == "ansible" ? tune_form::ansible : tune_form::sysctl_conf;
}

result<std::optional<remedy::host_role>> role_of(const std::string& typed) {
  if (typed.empty()) return std::optional<remedy::host_role>();
  const auto role = remedy::parse_host_role(typed);
  if (role) return role;
  std::vector<std::string_view> names;
  names.reserve(remedy::all_host_roles.size());
  for (const auto r : remedy::all_host_roles) names.push_back(to_string(r));
  return refused(fmt::format("--for: there is no role '{}'", typed),
                 fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

result<tune_choice> checked(const tune_typed& typed) {
  const auto act = act_of(typed);
  if (!act) return failure(act.error());
  const auto form = form_of(typed, *act);
  if (!form) return failure(form.error());
  const auto role = role_of(typed.role);
  if (!role) return failure(role.error());
  if (*role && !typed.settings.empty()) {
    return refused("settings and --for do not go together", "the one or the other");
  }
  if (typed.from.net_namespace == "all") {
    return refused("--netns: settings are planned for one namespace at a time",
                   "a name of 'ip netns', or the pid of a process in it");
  }
  auto from = checked(typed.from);
  if (!from) return failure(from.error());
  const auto style = checked(typed.output);
  if (!style) return failure(style.error());
  const bool is_unset = typed.state.empty() || typed.log.empty() || typed.sysctl_folder == "";
  if (is_unset) return refused("the name of a file or folder is empty", {});
  return tune_choice{.act = *act,
                     .form = *form,
                     .settings = typed.settings,
                     .from = *std::move(from),
                     .role = *role,
                     .sysctl_folder = absolute(typed.sysctl_folder),
                     .state = typed.state,
                     .log = typed.log,
                     .command = command_of(typed),
                     .undo = undo_of(typed),
                     .style = *style};
}

void add_tune_options(CLI::App& sub, tune_typed& typed) {
  sub.add_option(
         "settings", typed.settings,
         "Only these: net.ipv4.tcp_tw_reuse=1, or a name alone for what the plan says of it")
      ->type_name("SETTING");
  sub.add_flag("--apply", typed.apply, "Make the changes; without it nothing is changed");
  sub.add_flag("--undo", typed.undo, "Give back what was there before --apply");
  sub.add_flag("--audit", typed.audit,
               "Judge the settings as they are, and what the next boot would set");
  sub.add_flag("--capacity", typed.capacity,
               "How many connections a second this host can make to each place");
  sub.add_option("--for", typed.role,
                 "Plan for this role, whatever the host does now: load-balancer, web-server, "
                 "database-client, crawler, proxy, client")
      ->type_name("ROLE");
  add_source_options(sub, typed.from);
  sub.add_option("--format", typed.format, "text, json, ansible, or sysctl.conf")
      ->type_name("FORMAT");
  sub.add_option("--sysctl-dir", typed.sysctl_folder,
                 "The folder of the file that --apply writes for the next boots, and that --audit "
                 "reads")
      ->type_name("FOLDER");
  sub.add_option("--state", typed.state, "The folder of the file that --undo undoes from")
      ->type_name("FOLDER");
  sub.add_option("--log", typed.log, "Append a line for each act to this file")->type_name("FILE");
}

}  // namespace waitstate::cli
