// waitstate watch: the live screen.
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/document.h"
#include "app/cli/explain.h"
#include "app/cli/interrupt.h"
#include "app/cli/looks.h"
#include "app/cli/output.h"
#include "app/cli/rights.h"
#include "app/cli/selection.h"
#include "app/cli/source.h"
#include "app/cli/terminal.h"
#include "app/tui/terminal_screen.h"
#include "waitstate/base/duration.h"
#include "waitstate/render/json.h"
#include "waitstate/view/screen.h"

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct watch_typed {
  std::vector<std::string> words;
  std::optional<std::string> net_namespace;
  std::string how;
  std::string interval;
  std::string size;
  std::string colour = "auto";
  bool once = false;
  bool json = false;
  bool ascii = false;
};

struct watch_choice {
  socket_selector filter;
  std::string net_namespace;
  kernel::kernel_source how = kernel::kernel_source::automatic;
  std::optional<milliseconds> interval;  ///< Nothing: what is light.
  view::frame_size size;                 ///< Of --once.
  bool once = false;
  bool json = false;
  bool ascii = false;
  bool colour = false;
};

/// Who asks for an interval gets it up to a tenth of a processor; else a look is lighter still.
look_pace pace_of(const watch_choice& c) {
  constexpr unsigned tenth = 10;
  return c.interval ? look_pace{.wanted = *c.interval, .share = tenth} : look_pace{};
}

kernel::look_options look_of(const watch_choice& c) {
  return {.net_namespace = c.net_namespace, .source = c.how, .progress = {}};
}

std::string page_about(std::string_view id, std::size_t width) {
  auto page = topic_page(sections_of(documents()), id, {.width = width});
  return page ? *std::move(page) : std::string();
}

std::string rights_note(const std::vector<std::string>& kept) {
  if (kept.empty()) return "It runs without rights: who holds sockets of others is not seen.";
  return fmt::format("It keeps {} to see who holds what; other rights it gave up after its start.",
                     fmt::join(kept, ", "));
}

view::screen screen_of(const watch_choice& c, std::vector<std::string> notes) {
  return view::screen({.ascii = c.ascii || !tui::shows_unicode(),
                       .net_namespace = c.net_namespace,
                       .filter = c.filter,
                       .notes = std::move(notes),
                       .explain = page_about});
}

void show(view::screen& screen, one_look look) {
  screen.take(std::move(look.seen), std::move(look.report),
              {.interval = look.interval, .wanted = look.interval, .took = look.took},
              steady_clock::now());
}

/// Waits for the next look at most so long; Ctrl-C ends it.
std::optional<result<one_look>> next_of(looks& all, const interrupt_guard& ctrl_c) {
  while (!ctrl_c.happened()) {
    if (auto look = all.take()) return look;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return std::nullopt;
}

result<int> print_once(const watch_choice& c) {
  const interrupt_guard ctrl_c;
  looks all(look_of(c), {.wanted = c.interval.value_or(milliseconds(0)), .share = 1});
  auto look = next_of(all, ctrl_c);
  // Two looks tell rates.
  if (look && *look && c.interval) look = next_of(all, ctrl_c);
  if (!look) return done;
  if (!*look) return failure(in_step("watch", std::move(*look).error()));
  if (c.json) {
    write_out(render::to_json_line((*look)->report));
    return done;
  }
  auto screen = screen_of(c, {});
  auto shown = **std::move(look);
  shown.interval = milliseconds(0);
  show(screen, std::move(shown));
  write_out(view::to_text(screen.draw(c.size, steady_clock::now()), c.colour));
  return done;
}

result<int> print_lines(const watch_choice& c) {
  const interrupt_guard ctrl_c;
  looks all(look_of(c), pace_of(c));
  while (flush_output()) {
    auto look = next_of(all, ctrl_c);
    if (!look) break;
    if (!*look) return failure(in_step("watch", std::move(*look).error()));
    write_out(render::to_json_line((*look)->report));
  }
  return done;
}

/// Returns why it ended, where that was not what somebody wanted.
result<> run_screen(view::screen& screen, tui::terminal_screen& terminal, looks& all) {
  while (!terminal.is_end_asked()) {
    while (auto key = terminal.next_key()) {
      const bool was_paused = screen.is_paused();
      if (screen.press(*key, steady_clock::now()) == view::request::quit) return {};
      if (screen.is_paused() != was_paused) all.pause(screen.is_paused());
    }
    if (auto look = all.take()) {
      if (!*look) return failure(std::move(*look).error());
      show(screen, **std::move(look));
    }
    terminal.show(screen.draw(terminal.size(), steady_clock::now()));
    // Ages on the screen are in seconds.
    terminal.wait(milliseconds(1'000), all.descriptor());
  }
  return {};
}

result<int> watch(const watch_choice& c) {
  if (c.once) return print_once(c);
  if (c.json) return print_lines(c);
  std::vector<std::string> notes;
  result<> ended;
  {
    auto terminal = tui::terminal_screen::open(c.colour);
    if (!terminal) return failure(in_step("watch", std::move(terminal).error()));
    notes.push_back(rights_note(drop_rights_but({.other_namespaces = !c.net_namespace.empty(),
                                                 .bpf = c.how != kernel::kernel_source::netlink})));
    auto screen = screen_of(c, std::move(notes));
    terminal->show(screen.draw(terminal->size(), steady_clock::now()));
    looks all(look_of(c), pace_of(c));
    ended = run_screen(screen, *terminal, all);
    // The terminal is given back before a look that is being taken is waited for.
    const auto gone = std::move(*terminal);
  }
  if (!ended) return failure(in_step("watch", std::move(ended).error()));
  return done;
}

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

result<std::optional<milliseconds>> checked_interval(const std::string& text) {
  using namespace std::chrono_literals;
  if (text.empty()) return std::nullopt;
  auto interval = parse_duration(text);
  if (!interval) return failure(in_step("--interval", std::move(interval).error()));
  if (*interval >= 100ms && *interval <= 1h) return *interval;
  return refused(fmt::format("--interval: '{}' is not between 100ms and 1h", text),
                 "without it a look is taken each second, or as seldom as makes it light");
}

/// "80x24"; without one what the terminal has, or that.
result<view::frame_size> checked_size(const std::string& text) {
  if (text.empty()) return view::frame_size{.width = stdout_terminal().width, .height = 24};
  view::frame_size size{.width = 0, .height = 0};
  const auto* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, size.width);
  const bool has_two = first.ec == std::errc{} && first.ptr != end && *first.ptr == 'x';
  const auto second = std::from_chars(has_two ? first.ptr + 1 : end, end, size.height);
  const bool is_whole = has_two && second.ec == std::errc{} && second.ptr == end;
  if (is_whole && size.width >= view::frame_size::width_min &&
      size.height >= view::frame_size::height_min && size.width <= view::frame_size::most &&
      size.height <= view::frame_size::most) {
    return size;
  }
  return refused(fmt::format("--size: '{}' is no size of a screen", text), "80x24");
}

result<bool> checked_colour(const std::string& text) {
  if (text == "auto") return stdout_terminal().colour;
  if (text == "always" || text == "never") return text == "always";
  return refused(fmt::format("--color: there is no '{}'", text), "auto, always or never");
}

result<watch_choice> checked(const watch_typed& typed) {
  watch_choice c{.once = typed.once, .json = typed.json, .ascii = typed.ascii};
  auto filter = selection_of(typed.words, {});
  if (!filter) return failure(filter.error());
  c.filter = *std::move(filter);
  if (typed.net_namespace == "") {
    return refused("--netns: the name is empty", "all, a name of 'ip netns', or a pid");
  }
  c.net_namespace = typed.net_namespace.value_or(std::string(c.filter.namespaces_to_list()));
  const auto how = checked_source(typed.how);
  if (!how) return failure(how.error());
  c.how = *how;
  const auto interval = checked_interval(typed.interval);
  if (!interval) return failure(interval.error());
  c.interval = *interval;
  const auto size = checked_size(typed.size);
  if (!size) return failure(size.error());
  c.size = *size;
  const auto colour = checked_colour(typed.colour);
  if (!colour) return failure(colour.error());
  c.colour = *colour;
  return c;
}

void add_options(CLI::App& sub, watch_typed& options) {
  sub.add_option("selection", options.words,
                 fmt::format("Only sockets for which all of these hold: {}", selection_words))
      ->type_name("WORD");
  sub.add_option("--interval", options.interval,
                 "Look so often (100ms to 1h), as far as that takes at most a tenth of a "
                 "processor; else each second, or as seldom as takes a fortieth")
      ->type_name("DURATION");
  sub.add_option(
         "--netns", options.net_namespace,
         "Look into another network namespace: its name in 'ip netns', the pid of a process "
         "in it, or all")
      ->type_name("NAME");
  sub.add_option("--source", options.how,
                 "Read owners by bpf, or by netlink and /proc; else by what is cheapest (auto)")
      ->type_name("SOURCE");
  sub.add_flag("--once", options.once,
               "Print one screen as text and end; with --interval after a second look");
  sub.add_option("--size", options.size, "The size of that screen; else the terminal's by 24")
      ->type_name("WxH");
  sub.add_flag("--json", options.json, "Print the report of each look as JSON on a line");
  sub.add_flag("--ascii", options.ascii, "Draw with ASCII alone");
  sub.add_option("--color", options.colour,
                 "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->type_name("WHEN");
}

}  // namespace

void add_watch(CLI::App& app, command& chosen) {
  auto options = std::make_shared<watch_typed>();
  auto* sub = app.add_subcommand("watch", "Show all of it live: what is wrong, where, who");
  add_options(*sub, *options);
  sub->footer(
      "examples:\n"
      "  waitstate watch                        this host; ? shows the keys\n"
      "  waitstate watch process:java           only what java holds\n"
      "  waitstate watch --netns all            every container\n"
      "  waitstate watch --once --size 120x40   one screen as text\n"
      "  waitstate watch --json | jq .verdict   a report for each look");
  sub->callback([options, &chosen] {
    auto ready = checked(*options);
    if (!ready) {
      chosen.refused = in_step("watch", std::move(ready).error());
      return;
    }
    chosen.run = [c = *std::move(ready)] { return watch(c); };
  });
}

}  // namespace waitstate::cli
