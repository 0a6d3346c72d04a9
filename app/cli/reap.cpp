// waitstate reap: close what leaked, and only that.
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "app/cli/selection.h"
#include "app/cli/shell_word.h"
#include "app/cli/source.h"
#include "waitstate/base/text.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/reap.h"
#include "waitstate/render/reap_json.h"
#include "waitstate/render/reap_text.h"

namespace waitstate::cli {
namespace {

struct reap_typed {
  std::vector<std::string> words;
  std::optional<std::string> net_namespace;
  std::string how = "reset";
  std::string source;
  std::string at_most = "1000";
  std::string rate = "1000";
  std::string audit = std::string(remedy::audit_log::usual_path);
  bool apply = false;
  bool even_established = false;
  bool free_ports = false;
  output_options output;
};

/// The same, checked.
struct reap_choice {
  remedy::reap_options options;
  std::uint32_t per_second = 0;
  std::string audit;
  std::string command;  ///< As typed, without --apply.
  bool apply = false;
  bool json = false;
  render::text_style style;
};

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

result<std::uint64_t> number_in(std::string_view option, const std::string& text,
                                std::uint64_t most) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status == std::errc{} && rest == end && number >= 1 && number <= most) return number;
  return refused(fmt::format("{}: '{}' is not a number from 1 to {}", option, text, grouped(most)),
                 {});
}

/// What to type again for the same sockets.
std::string command_of(const reap_typed& typed) {
  std::string command = "waitstate reap";
  const auto add = [&](std::string_view option, const std::string& value) {
    command += fmt::format(" {} {}", option, shell_word(value));
  };
  for (const auto& word : typed.words) command += ' ' + shell_word(word);
  const reap_typed usual;
  if (typed.net_namespace) add("--netns", *typed.net_namespace);
  if (typed.how != usual.how) add("--how", typed.how);
  if (typed.source != usual.source) add("--source", typed.source);
  if (typed.at_most != usual.at_most) add("--max", typed.at_most);
  if (typed.rate != usual.rate) add("--rate", typed.rate);
  if (typed.audit != usual.audit) add("--audit", typed.audit);
  if (typed.even_established) command += " --even-established";
  if (typed.free_ports) command += " --free-ports";
  return command;
}

result<int> reap(const reap_choice& c) {
  progress_line line;
  auto options = c.options;
  options.progress = [&](std::string_view what, std::uint64_t done) { line.show(what, done); };
  std::optional<remedy::audit_log> log;
  if (c.apply) {
    auto opened = remedy::audit_log::open(c.audit);
    if (!opened) return failure(in_step("reap", opened.error()));
    log = *std::move(opened);
  }
  const auto plan = remedy::plan_reap(options);
  if (!plan) return failure(in_step("reap", plan.error()));
  std::optional<remedy::reap_outcome> outcome;
  if (log) {
    const interrupt_guard interrupted;
    outcome = remedy::carry_out(
        *plan, options,
        {.per_second = c.per_second, .give_up = [&] { return interrupted.happened(); }}, *log);
  }
  line.clear();
  write_out(c.json ? render::to_json(*plan, options, outcome)
                   : render::to_text(*plan, options, outcome, c.command, c.style));
  if (outcome && outcome->trouble) return failure(in_step("reap", *outcome->trouble));
  return outcome && outcome->interrupted ? failed : done;
}

result<reap_choice> checked(const reap_typed& typed) {
  reap_choice c{.audit = typed.audit,
                .command = command_of(typed),
                .apply = typed.apply,
                .json = typed.output.json};
  auto selected = selection_of(typed.words, {});
  if (!selected) return failure(selected.error());
  c.options.selected = *std::move(selected);
  if (c.options.selected == socket_selector{}) {
    return refused("nothing says which sockets: an empty selection would be all of them",
                   "waitstate reap state:close-wait older:60s process:NAME");
  }
  if (typed.net_namespace == "") {
    return refused("--netns: the name is empty", "all, a name of 'ip netns', or a pid");
  }
  c.options.net_namespace = typed.net_namespace.value_or(std::string());
  const auto how = remedy::parse_close_way(typed.how);
  if (!how) {
    return refused(fmt::format("--how: there is no way '{}'", typed.how), "reset or shutdown");
  }
  const auto source = checked_source(typed.source);
  if (!source) return failure(source.error());
  if (!typed.source.empty() && *how == remedy::close_way::shutdown) {
    return refused("--source and --how shutdown do not go together", "a shutdown needs no source");
  }
  c.options.source = *source;
  c.options.may = {
      .how = *how, .even_established = typed.even_established, .free_ports = typed.free_ports};
  constexpr std::uint64_t most = 1'000'000;
  const auto at_most = number_in("--max", typed.at_most, most);
  if (!at_most) return failure(at_most.error());
  c.options.at_most = *at_most;
  const auto rate = number_in("--rate", typed.rate, most);
  if (!rate) return failure(rate.error());
  c.per_second = static_cast<std::uint32_t>(*rate);
  const auto style = checked(typed.output);
  if (!style) return failure(style.error());
  c.style = *style;
  return c;
}

void add_options(CLI::App& sub, reap_typed& typed) {
  sub.add_option("selection", typed.words,
                 fmt::format("Only sockets for which all of these hold: {}", selection_words))
      ->type_name("WORD");
  sub.add_flag("--apply", typed.apply, "Close them; without it nothing is closed");
  sub.add_option("--how", typed.how,
                 "reset: the kernel forgets the connection; shutdown: a FIN, "
                 "through a copy of its owner's descriptor")
      ->type_name("WAY");
  sub.add_option("--source", typed.source,
                 "Reset by bpf, which compares and closes each under its lock, or by netlink "
                 "(SOCK_DESTROY); else by bpf where that loads (auto)")
      ->type_name("SOURCE");
  sub.add_flag("--even-established", typed.even_established,
               "Also connections that may be in use: ESTABLISHED, SYN-SENT, SYN-RECEIVED");
  sub.add_flag("--free-ports", typed.free_ports,
               "Also TIME-WAIT of connections that this host opened, where reuse is safe");
  sub.add_option("--max", typed.at_most, "Close no more than so many, else 1000")->type_name("N");
  sub.add_option("--rate", typed.rate, "Close no more than so many a second, else 1000")
      ->type_name("N");
  sub.add_option("--netns", typed.net_namespace,
                 "Look into another network namespace: a name, a pid, or all")
      ->type_name("NAME");
  sub.add_option("--audit", typed.audit, "Append a line for each act to this file")
      ->type_name("FILE");
}

}  // namespace

void add_reap(CLI::App& app, command& chosen) {
  auto typed = std::make_shared<reap_typed>();
  auto* sub = app.add_subcommand("reap", "Close sockets that leaked; first a dry run");
  add_options(*sub, *typed);
  add_output_options(*sub, typed->output);
  sub->footer(
      "examples:\n"
      "  waitstate reap state:close-wait process:java           what would be closed\n"
      "  waitstate reap state:close-wait process:java --apply   closes it\n"
      "  waitstate reap state:close-wait peer:10.0.0.7:9443 --how shutdown\n"
      "  waitstate reap state:time-wait peer:10.0.0.7:80 --free-ports");
  sub->callback([typed, &chosen] {
    auto ready = checked(*typed);
    if (!ready) {
      chosen.refused = in_step("reap", std::move(ready).error());
      return;
    }
    chosen.run = [c = *std::move(ready)] { return reap(c); };
  });
}

}  // namespace waitstate::cli
