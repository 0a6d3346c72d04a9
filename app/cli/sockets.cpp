// waitstate sockets: the groups of sockets behind a diagnosis.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/source.h"
#include "waitstate/base/duration.h"
#include "waitstate/base/spelling.h"
#include "waitstate/render/groups.h"
#include "waitstate/tcp/service.h"

namespace waitstate::cli {
namespace {

using render::group_options;

constexpr std::size_t text_rows_max = 40;

struct sockets_options {
  source_options from;
  output_options output;
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

result<> read_columns(const std::vector<std::string>& words, group_options& options) {
  for (const auto& word : words) {
    const auto column = render::parse_group_column(word);
    if (!column) {
      return refused(fmt::format("--by: there is no column '{}'", word),
                     "namespace, state, peer, owner, listener");
    }
    const bool again = std::ranges::find(options.by, *column) != options.by.end();
    if (!again) options.by.push_back(*column);
  }
  return {};
}

std::string nearest_state(const std::string& word) {
  std::vector<std::string> known;
  known.reserve(tcp::all_states.size());
  for (const auto state : tcp::all_states) known.emplace_back(to_string(state));
  std::string upper;
  for (const char c : word) {
    upper += c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const auto nearest = nearest_word(upper, known);
  return nearest.empty() ? "ESTABLISHED, TIME-WAIT, CLOSE-WAIT, FIN-WAIT-2, LISTEN, ..."
                         : fmt::format("did you mean {}?", nearest);
}

result<> read_states(const std::vector<std::string>& words, group_options& options) {
  for (const auto& word : words) {
    const auto state = tcp::parse_state(word);
    if (!state) {
      return refused(fmt::format("--state: there is no state '{}'", word), nearest_state(word));
    }
    options.states.push_back(*state);
    // A handshake that is not finished is one state to a person, two to the kernel.
    if (*state == tcp::state::syn_received) options.states.push_back(tcp::state::new_syn_received);
  }
  return {};
}

result<> read_port(const std::string& word, group_options& options) {
  if (word.empty()) return {};
  options.port = tcp::parse_port(word);
  if (!options.port) options.port = tcp::port_of_service(word);
  if (options.port.value_or(0) != 0) return {};
  return refused(fmt::format("--port: '{}' is not a port", word),
                 "1 to 65535, or a name such as https");
}

result<> read_age(const std::string& word, group_options& options) {
  if (word.empty()) return {};
  auto age = parse_duration(word);
  if (!age) return failure(in_step("--older-than", std::move(age).error()));
  options.older_than = *age;
  return {};
}

result<group_options> checked_groups(const sockets_options& typed) {
  group_options options{.peer = typed.peer, .process = typed.process};
  for (const auto& step : {read_columns(typed.by, options), read_states(typed.states, options),
                           read_port(typed.port, options), read_age(typed.older_than, options)}) {
    if (!step) return failure(step.error());
  }
  return options;
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

result<int> sockets(const source& from, const group_options& options,
                    const render::text_style& style, bool json, std::size_t top) {
  const auto seen = take_snapshot(from);
  if (!seen) return failure(in_step("sockets", seen.error()));
  const auto table = render::group_sockets(*seen, options);
  write_out(json ? render::to_json(*seen, table, top) : render::to_text(*seen, table, style, top));
  return done;
}

result<command> checked(const sockets_options& typed) {
  auto source = typed.from;
  source.owners = !typed.no_owners;
  const auto from = checked(source);
  if (!from) return failure(from.error());
  const auto style = checked(typed.output);
  if (!style) return failure(style.error());
  const auto groups = checked_groups(typed);
  if (!groups) return failure(groups.error());
  const auto top = checked_top(typed.top, typed.output.json);
  if (!top) return failure(top.error());
  return command{.run = [from = *from, groups = *groups, style = *style, json = typed.output.json,
                         top = *top] { return sockets(from, groups, style, json, top); }};
}

void add_filters(CLI::App& sub, sockets_options& options) {
  sub.add_option(
         "--by", options.by,
         "Count by these columns: namespace, state, peer, owner, listener; repeat it or use "
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
      "  waitstate sockets --state CLOSE-WAIT --older-than 60s\n"
      "  waitstate sockets --process nginx --json\n"
      "  waitstate sockets --from paste.txt --by state");
  sub->callback([options, &chosen] {
    auto ready = checked(*options);
    if (ready) chosen = std::move(*ready);
    if (!ready) chosen.refused = in_step("sockets", std::move(ready).error());
  });
}

}  // namespace waitstate::cli
