#include "state_diagram.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sparkline.h"
#include "waitstate/base/text.h"
#include "waitstate/render/columns.h"
#include "waitstate/render/ink.h"
#include "waitstate/view/frame.h"
#include "words.h"

namespace waitstate::view {
namespace {

using tcp::state;

constexpr std::size_t history_from_width = 112;

std::uint64_t handshakes(const state_counts& c) {
  return c.of(state::syn_received) + c.of(state::new_syn_received);
}

render::cell dim(std::string text) {
  return render::cell_of(std::move(text), render::ink::dim);
}

render::ink ink_of(state s, std::uint64_t count) {
  if (count == 0) return render::ink::dim;
  return s == state::close_wait ? render::ink::yellow : render::ink::bold;
}

/// A name, with lines after it where the path goes on.
render::line name(std::string_view text, std::size_t width, std::string_view onward) {
  const auto used = render::columns(text) + 1;
  std::string path;
  const auto end = render::columns(onward);
  for (auto i = used; i + end < width; ++i) path += onward.empty() ? " " : "─";
  path += onward;
  return {render::cell_of(std::string(text) + ' '), dim(std::move(path))};
}

/// The number under it, and what changes a second.
render::line number(state s, std::uint64_t count, const std::string& change, std::size_t width) {
  auto text = grouped(count);
  const auto ink = ink_of(s, count);
  const auto used = render::columns(text) + 1;
  render::line cells{render::cell_of(std::move(text), ink), render::cell_of(" ")};
  const auto room = width > used ? width - used : 0;
  cells.push_back(render::cell_of(
      render::columns(change) <= room ? render::left(change, room) : std::string(room, ' '),
      render::ink::cyan));
  return cells;
}

void append(render::line& to, render::line more) {
  for (auto& c : more) to.push_back(std::move(c));
}

std::string growth_of(const history& past, state s) {
  const auto growth = past.growth_of(s);
  return growth ? growth_word(*growth) : std::string();
}

constexpr std::size_t first_width = 16;
constexpr std::size_t middle_width = 15;
constexpr std::size_t fin_width = 14;

std::vector<render::line> paths(const state_counts& c, const transitions& rates,
                                const history& past) {
  const auto at = [&](state s) { return c.of(s); };
  const auto grows = [&](state s) { return growth_of(past, s); };
  std::vector<render::line> lines(state_diagram_height);
  for (auto& l : lines) l.push_back(render::cell_of(" "));
  // What opens: we connect, or a listener of ours accepts.
  append(lines[0], name("SYN-SENT", first_width, "┐ "));
  append(lines[1],
         number(state::syn_sent, at(state::syn_sent), rate_word(rates.opened), first_width - 2));
  append(lines[1], {dim("│ ")});
  append(lines[2], {render::cell_of(std::string(first_width - 2, ' ')), dim("├─")});
  append(lines[3], name("SYN-RECEIVED", first_width, "┘ "));
  append(lines[4],
         number(state::syn_received, handshakes(c), rate_word(rates.accepted), first_width));
  // What is open.
  append(lines[0], {render::cell_of(std::string(middle_width, ' ')), dim("┌─ ")});
  append(lines[1], {render::cell_of(std::string(middle_width, ' ')), dim("│  ")});
  append(lines[2], {dim(" ")});
  append(lines[2], name("ESTABLISHED", middle_width - 1, "┤  "));
  lines[2].back() = dim("──┤  ");
  append(lines[3], {dim(" ")});
  append(lines[3], number(state::established, at(state::established), grows(state::established),
                          middle_width - 1));
  append(lines[3], {dim("└─ ")});
  append(lines[4], {render::cell_of(std::string(middle_width + 3, ' '))});
  // Who closes first: we, above; the peer, below.
  append(lines[0], name("FIN-WAIT-1", fin_width, "─ "));
  append(lines[1],
         number(state::fin_wait_1, at(state::fin_wait_1), grows(state::fin_wait_1), fin_width));
  append(lines[0], name("FIN-WAIT-2", fin_width, "─ "));
  append(lines[1],
         number(state::fin_wait_2, at(state::fin_wait_2), grows(state::fin_wait_2), fin_width));
  append(lines[0], {render::cell_of("TIME-WAIT")});
  append(lines[1],
         number(state::time_wait, at(state::time_wait), rate_word(rates.closed_here), 16));
  append(lines[3], name("CLOSE-WAIT", fin_width, "─ "));
  append(lines[4],
         number(state::close_wait, at(state::close_wait), grows(state::close_wait), fin_width));
  append(lines[3], {render::cell_of("LAST-ACK")});
  append(lines[4], number(state::last_ack, at(state::last_ack), grows(state::last_ack), fin_width));
  return lines;
}

/// The last minute of what is told by its change.
void add_history(std::vector<render::line>& lines, const transitions& rates, const history& past,
                 std::size_t width) {
  constexpr std::size_t title_width = 12;
  constexpr std::array shown{state::established, state::time_wait, state::close_wait};
  const auto room = width - state_diagram_width - 4;
  const auto slots = std::min<std::size_t>(room - title_width, 30);
  const auto add = [&](std::size_t at, render::line cells) {
    auto line = fitted(std::move(lines[at]), state_diagram_width + 3);
    append(line, std::move(cells));
    lines[at] = std::move(line);
  };
  add(0, {dim("the last minute")});
  for (std::size_t i = 0; i < shown.size(); ++i) {
    add(i + 1, {dim(render::left(to_string(shown[i]), title_width)),
                render::cell_of(sparkline(past.of(shown[i], slots)), render::ink::cyan)});
  }
  const auto failed = rate_word(rates.failed);
  const auto reset = rate_word(rates.reset);
  add(4, {dim("refused "), render::cell_of(failed.empty() ? "0/s" : failed), dim("   reset "),
          render::cell_of(reset.empty() ? "0/s" : reset)});
}

}  // namespace

transitions transitions_of(const snapshot& s) {
  transitions t;
  for (const auto& ns : s.namespaces) {
    t.opened += ns.counter_rate("Tcp.ActiveOpens").value_or(0);
    t.accepted += ns.counter_rate("Tcp.PassiveOpens").value_or(0);
    t.failed += ns.counter_rate("Tcp.AttemptFails").value_or(0);
    t.reset += ns.counter_rate("Tcp.EstabResets").value_or(0);
  }
  for (const auto& g : s.groups) {
    if (g.key.state != state::time_wait) continue;
    constexpr double seconds = 2 * socket_group::slot_ms / 1'000.0;
    t.closed_here += (g.closed_in_slot[0] + g.closed_in_slot[1]) / seconds;
  }
  return t;
}

std::vector<render::line> state_diagram(const state_counts& counts, const transitions& rates,
                                        const history& past, std::size_t width) {
  auto lines = paths(counts, rates, past);
  if (width >= history_from_width) add_history(lines, rates, past, width);
  return lines;
}

render::line state_line(const state_counts& counts, std::size_t width) {
  std::vector<state> present;
  for (const auto s : tcp::all_states) {
    if (counts.of(s) > 0) present.push_back(s);
  }
  std::ranges::sort(present, [&](state a, state b) {
    return counts.of(a) != counts.of(b) ? counts.of(a) > counts.of(b) : a < b;
  });
  // What leaks is not what there is most of, and must not be what has no room.
  const auto leaks = std::ranges::find(present, state::close_wait);
  if (leaks != present.end()) {
    std::ranges::rotate(present.begin() + (leaks == present.begin() ? 0 : 1), leaks, leaks + 1);
  }
  render::line cells;
  std::size_t used = 0;
  for (const auto s : present) {
    const render::line more{render::cell_of(cells.empty() ? " " : "   "),
                            render::cell_of(grouped(counts.of(s)) + " ", ink_of(s, counts.of(s))),
                            dim(std::string(to_string(s)))};
    used += more[0].width + more[1].width + more[2].width;
    if (used > width) break;
    append(cells, more);
  }
  if (cells.empty()) cells.push_back(dim(" no sockets"));
  return cells;
}

}  // namespace waitstate::view
