// waitstate sockets: the groups of sockets behind a diagnosis.
#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/selection.h"
#include "app/cli/source.h"
#include "waitstate/render/groups_json.h"
#include "waitstate/render/groups_text.h"
#include "waitstate/snapshot/grouping.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::cli {
namespace {

constexpr std::size_t text_rows_max = 40;

struct sockets_options {
  source_options from;
  output_options output;
  std::vector<std::string> words;
  std::vector<std::string> by;
  std::vector<std::string> states;
  std::string peer;
  std::string port;
  std::string process;
  std::string older_than;
  std::string top;
  bool no_owners = false;
};

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

result<std::vector<group_column>> checked_columns(const std::vector<std::string>& words) {
  std::vector<group_column> by;
  for (const auto& word : words) {
    const auto column = parse_group_column(word);
    if (!column) {
      return refused(fmt::format("--by: there is no column '{}'", word),
                     "namespace, state, peer, owner, listener, container");
    }
    const bool again = std::ranges::find(by, *column) != by.end();
    if (!again) by.push_back(*column);
  }
  return by;
}

/// The words, and the options that are older than these.
result<socket_selector> checked_selection(const sockets_options& typed) {
  auto words = selection_of(typed.words, "sockets");
  if (!words) return words;
  auto selected = *std::move(words);
  const auto take = [&](std::string_view option, std::string_view key, std::string_view value) {
    auto taken = select(selected, key, value);
    return taken ? std::move(taken) : failure(in_step(option, std::move(taken).error()));
  };
  for (const auto& state : typed.states) {
    if (auto taken = take("--state", "state", state); !taken) return failure(taken.error());
  }
  const struct {
    std::string_view option;
    std::string_view key;
    const std::string& value;
  } options[] = {{"--peer", "peer", typed.peer},
                 {"--port", "port", typed.port},
                 {"--process", "process", typed.process},
                 {"--older-than", "older", typed.older_than}};
  for (const auto& [option, key, value] : options) {
    if (value.empty()) continue;
    if (auto taken = take(option, key, value); !taken) return failure(taken.error());
  }
  return selected;
}

/// How many rows: 0 is all. JSON has all unless a number is given.
result<std::size_t> checked_top(const std::string& text, bool json) {
  if (text.empty()) return json ? 0 : text_rows_max;
  std::size_t top = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, top);
  if (status == std::errc{} && rest == end) return top;
  return refused(fmt::format("--top: '{}' is not a number", text), "0 shows every row");
}

/// The same, checked.
struct choice {
  source from;
  std::vector<group_column> by;
  socket_selector selected;
  render::text_style style;
  bool json = false;
  std::size_t top = 0;
};

result<int> sockets(const choice& c) {
  const auto seen = take_snapshot(c.from);
  if (!seen) return failure(in_step("sockets", seen.error()));
  const auto table = group_sockets(*seen, c.by, c.selected);
  write_out(c.json ? render::to_json(*seen, table, c.top)
                   : render::to_text(*seen, table, c.style, c.top));
  return done;
}

result<command> checked(const sockets_options& typed) {
  auto selected = checked_selection(typed);
  if (!selected) return failure(selected.error());
  auto source = typed.from;
  source.owners = !typed.no_owners;
  const bool is_live = source.from.empty();
  if (const auto wanted = selected->namespaces_to_list();
      is_live && !source.net_namespace && !wanted.empty()) {
    source.net_namespace = wanted;
  }
  const auto from = checked(source);
  if (!from) return failure(from.error());
  const auto style = checked(typed.output);
  if (!style) return failure(style.error());
  auto by = checked_columns(typed.by);
  if (!by) return failure(by.error());
  const auto top = checked_top(typed.top, typed.output.json);
  if (!top) return failure(top.error());
  return command{.run = [c = choice{.from = *from,
                                    .by = *std::move(by),
                                    .selected = *std::move(selected),
                                    .style = *style,
                                    .json = typed.output.json,
                                    .top = *top}] { return sockets(c); }};
}

void add_filters(CLI::App& sub, sockets_options& options) {
  sub.add_option("selection", options.words,
                 fmt::format("Only sockets for which all of these hold: {}", selection_words))
      ->type_name("WORD");
  sub.add_option("--by", options.by,
                 "Count by these columns: namespace, state, peer, owner, listener, container; "
                 "repeat it or use "
                 "commas")
      ->type_name("COLUMN")
      ->delimiter(',')
      ->allow_extra_args(false);
  sub.add_option("--state", options.states,
                 "Only these states, as any tool spells them: TIME-WAIT, close_wait, ESTAB")
      ->type_name("STATE")
      ->delimiter(',')
      ->allow_extra_args(false);
  sub.add_option("--peer", options.peer, "Only this remote address, or address:port")
      ->type_name("ADDRESS");
  sub.add_option("--port", options.port, "Only this port, local or remote")->type_name("PORT");
  sub.add_option("--process", options.process, "Only sockets of this process, by name or pid")
      ->type_name("PROCESS");
  sub.add_option("--older-than", options.older_than,
                 "Only groups whose oldest socket is in its state so long (60s, 5m, 1h)")
      ->type_name("DURATION");
  sub.add_option("--top", options.top, "At most so many rows, 0 for all; else 40, with --json all")
      ->type_name("N");
  sub.add_flag("--no-owners", options.no_owners, "Do not look for owners: faster");
}

}  // namespace

void add_sockets(CLI::App& app, command& chosen) {
  auto options = std::make_shared<sockets_options>();
  auto* sub = app.add_subcommand("sockets", "Count sockets by peer, owner, state, listener");
  add_source_options(*sub, options->from);
  add_filters(*sub, *options);
  add_output_options(*sub, options->output);
  sub->footer(
      "examples:\n"
      "  waitstate sockets                                  the largest groups\n"
      "  waitstate sockets --by peer --state TIME-WAIT      who the TIME-WAIT are with\n"
      "  waitstate sockets state:close-wait older:60s       what nobody closes\n"
      "  waitstate sockets process:nginx peer:10.0.0.0/8 --json\n"
      "  waitstate sockets --from paste.txt --by state");
  sub->callback([options, &chosen] {
    auto ready = checked(*options);
    if (ready) chosen = std::move(*ready);
    if (!ready) chosen.refused = in_step("sockets", std::move(ready).error());
  });
}

}  // namespace waitstate::cli
