// waitstate trace: each connection when it has ended.
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/selection.h"
#include "waitstate/base/duration.h"
#include "waitstate/base/text.h"
#include "waitstate/kernel/tracer.h"
#include "waitstate/render/trace_csv.h"
#include "waitstate/render/trace_json.h"
#include "waitstate/render/trace_summary.h"
#include "waitstate/render/trace_text.h"
#include "waitstate/snapshot/connection_tally.h"

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct trace_typed {
  std::vector<std::string> words;
  std::optional<std::string> net_namespace;
  std::string duration;
  std::string count;
  std::string format = "text";
  bool summary = false;
  output_options output;
};

enum class trace_format : std::uint8_t { text, json, csv };

struct trace_choice {
  socket_selector selected;
  std::string net_namespace;
  std::optional<milliseconds> duration;
  std::optional<std::uint64_t> count;
  trace_format format = trace_format::text;
  bool summary = false;
  std::size_t width = render::any_width;  ///< Of the lines.
  render::text_style style;
};

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

/// Does one of the ends, with the process that opened or closed it, match?
bool matches_end(const socket_selector& s, const ended_connection& c) {
  const socket_record record{.flow = c.flow};
  const network_namespace ns{.inode = c.net_namespace};
  const auto with = [&](const std::optional<traced_process>& p) {
    const process owner{.pid = p ? p->pid : 0, .name = p ? p->name : std::string()};
    return matches(s, record,
                   {.owner = p ? &owner : nullptr, .direction = c.direction, .net_namespace = &ns});
  };
  return with(c.opener) || with(c.closer);
}

bool is_selected(const socket_selector& s, const whole_connection& c) {
  return s == socket_selector{} || matches_end(s, c.end) || (c.other && matches_end(s, *c.other));
}

std::string line_of(const trace_choice& choice, const whole_connection& c) {
  switch (choice.format) {
    case trace_format::json: return render::to_trace_json(c);
    case trace_format::csv: return render::to_trace_csv(c);
    case trace_format::text: break;
  }
  return render::to_trace_line(c, choice.width);
}

void write_heading(const trace_choice& c) {
  if (c.format == trace_format::csv) write_out(render::trace_csv_heading());
  if (c.format == trace_format::text) write_out(render::trace_heading(c.width));
}

void say_what_was_lost(const kernel::tracer& t) {
  if (t.lost() > 0) {
    write_error(
        fmt::format("waitstate: trace: {} not told: they came faster than they could be "
                    "written\n",
                    counted(t.lost(), "ending")));
  }
  if (t.not_followed() > 0) {
    write_error(
        fmt::format("waitstate: trace: of {} the beginning is not known: over 262,144 were "
                    "open\n",
                    counted(t.not_followed(), "connection")));
  }
}

result<int> trace(const trace_choice& c) {
  auto started = kernel::tracer::start(c.net_namespace);
  if (!started) return failure(in_step("trace", std::move(started).error()));
  const interrupt_guard ctrl_c;
  const auto began = steady_clock::now();
  connection_tally tally;
  std::uint64_t told = 0;
  const auto is_enough = [&] { return c.count && told >= *c.count; };
  connection_pairs pairs([&](const whole_connection& w) {
    if (is_enough() || !is_selected(c.selected, w)) return;
    ++told;
    tally.add(w);
    if (!c.summary) write_out(line_of(c, w));
  });
  if (!c.summary) write_heading(c);
  // A tenth of a second: how late a line may be, and Ctrl-C.
  constexpr milliseconds turn{100};
  const auto traced = [&] {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  };
  while (flush_output() && !ctrl_c.happened() && !is_enough()) {
    if (c.duration && traced() >= *c.duration) break;
    const auto wait = c.duration ? std::min(turn, *c.duration - traced()) : turn;
    const auto read = started->read(std::max(wait, milliseconds(1)),
                                    [&](const ended_connection& e) { pairs.add(e); });
    if (!read) return failure(in_step("trace", read.error()));
    pairs.pass(started->now());
  }
  // What ended before Ctrl-C.
  if (!is_enough()) {
    (void)started->read(milliseconds(0), [&](const ended_connection& e) { pairs.add(e); });
  }
  pairs.finish();
  if (c.summary) write_out(render::to_text(tally, traced(), c.style));
  say_what_was_lost(*started);
  return done;
}

/// A connection that has ended is in no state any more, and what its program was is not read.
result<socket_selector> checked_selection(const std::vector<std::string>& words) {
  auto selected = selection_of(words, {});
  if (!selected) return selected;
  const char* const key = !selected->states.empty()      ? "state"
                          : selected->older              ? "older"
                          : selected->unread             ? "unread"
                          : selected->runtime            ? "runtime"
                          : !selected->container.empty() ? "container"
                          : !selected->cgroup.empty()    ? "cgroup"
                                                         : nullptr;
  if (key == nullptr) return selected;
  return refused(fmt::format("'{}:' is not known of a connection that has ended", key),
                 "direction, peer, port, local-port, peer-port, process and ns are");
}

result<trace_format> checked_format(const trace_typed& typed) {
  if (typed.output.json || typed.format == "json") return trace_format::json;
  if (typed.format == "csv") return trace_format::csv;
  if (typed.format == "text") return trace_format::text;
  return refused(fmt::format("--format: there is no format '{}'", typed.format),
                 "text, json or csv");
}

result<std::optional<std::uint64_t>> checked_count(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status == std::errc{} && rest == end && number > 0) return number;
  return refused(fmt::format("--count: '{}' is not a number from 1 on", text), {});
}

result<std::optional<milliseconds>> checked_duration(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto duration = parse_duration(text);
  if (!duration) return failure(in_step("--duration", std::move(duration).error()));
  if (duration->count() > 0) return *duration;
  return refused(fmt::format("--duration: '{}' is no time", text), "10s");
}

result<trace_choice> checked(const trace_typed& typed) {
  trace_choice c{.summary = typed.summary};
  auto selected = checked_selection(typed.words);
  if (!selected) return failure(selected.error());
  c.selected = *std::move(selected);
  if (typed.net_namespace == "") {
    return refused("--netns: the name is empty", "all, a name of 'ip netns', or a pid");
  }
  if (typed.net_namespace && !c.selected.net_namespace.empty()) {
    return refused("--netns and ns: do not go together", "one of them");
  }
  c.net_namespace = typed.net_namespace.value_or(std::string(c.selected.namespaces_to_list()));
  // The kernel is told which one, unless it is by its inode.
  if (c.net_namespace != "all") c.selected.net_namespace.clear();
  const auto duration = checked_duration(typed.duration);
  if (!duration) return failure(duration.error());
  c.duration = *duration;
  const auto count = checked_count(typed.count);
  if (!count) return failure(count.error());
  c.count = *count;
  const auto format = checked_format(typed);
  if (!format) return failure(format.error());
  c.format = *format;
  if (c.summary && c.format != trace_format::text) {
    return refused("--summary is a table for people: it does not go with --json or --format",
                   "add the lines of --json up yourself");
  }
  const auto style = checked(typed.output);
  if (!style) return failure(style.error());
  c.style = *style;
  const bool is_for_eyes = !typed.output.width.empty() || ::isatty(STDOUT_FILENO) == 1;
  if (is_for_eyes) c.width = c.style.width;
  return c;
}

void add_options(CLI::App& sub, trace_typed& typed) {
  sub.add_option("selection", typed.words,
                 "Only connections for which all of these hold: direction:outbound "
                 "peer:10.0.0.0/8 port:8080 local-port:80 peer-port:443 process:nginx ns:blue")
      ->type_name("WORD");
  sub.add_option("--duration", typed.duration, "End after so long (10s, 5m); else with Ctrl-C")
      ->type_name("DURATION");
  sub.add_option("--count", typed.count, "End after so many connections")->type_name("N");
  sub.add_flag("--summary", typed.summary,
               "No lines; at the end a table of who connected where, how often, and who closed "
               "first");
  sub.add_option("--format", typed.format, "text, json (a line each) or csv")->type_name("FORMAT");
  sub.add_option("--netns", typed.net_namespace,
                 "Follow in another network namespace: a name, a pid, or all")
      ->type_name("NAME");
}

}  // namespace

void add_trace(CLI::App& app, command& chosen) {
  auto typed = std::make_shared<trace_typed>();
  auto* sub = app.add_subcommand("trace", "Tell of each connection when it ends: who closed first");
  add_options(*sub, *typed);
  add_output_options(*sub, typed->output);
  sub->footer(
      "examples:\n"
      "  waitstate trace                              a line for each connection\n"
      "  waitstate trace process:php-fpm port:6379    of one program to one port\n"
      "  waitstate trace --summary --duration 10s     who connects where, how often\n"
      "  waitstate trace --json peer:10.0.0.7 | jq .how");
  sub->callback([typed, &chosen] {
    auto ready = checked(*typed);
    if (!ready) {
      chosen.refused = in_step("trace", std::move(ready).error());
      return;
    }
    chosen.run = [c = *std::move(ready)] { return trace(c); };
  });
}

}  // namespace waitstate::cli
