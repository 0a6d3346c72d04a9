#include "screen_drawing.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "detail.h"
#include "verdict_lines.h"
#include "waitstate/base/text.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"
#include "waitstate/render/ink.h"
#include "words.h"

namespace waitstate::view {
namespace {

using render::cell_of;
using render::ink;
using std::chrono::milliseconds;

/// From so many lines on there is room for the diagram.
constexpr std::size_t diagram_from_height = 20;
/// Beneath these a pane has no title of its own and is one of several tabs.
constexpr std::size_t stacked_from_height = 23;

std::string host_of(const screen_state& s, const snapshot& seen, bool with_kernel) {
  const auto& host = seen.host;
  std::string text = render::clean(host.name);
  if (with_kernel && !host.kernel_release.empty())
    text += "  Linux " + render::clean(host.kernel_release);
  if (!s.options.net_namespace.empty()) {
    text += s.options.net_namespace == "all"
                ? "  every namespace"
                : "  namespace " + render::clean(s.options.net_namespace);
  }
  return text;
}

/// How old what one sees is, where that matters; else how often it is looked.
render::line pace_of(const screen_state& s, moment now) {
  const auto age = std::chrono::duration_cast<milliseconds>(now - s.taken);
  if (s.paused_since) {
    const auto since = std::chrono::duration_cast<milliseconds>(now - *s.paused_since);
    return {cell_of(fmt::format("PAUSED {} ", age_word(since)), ink::yellow)};
  }
  if (s.pace.interval.count() > 0 && age > 3 * s.pace.interval && age > milliseconds(5'000)) {
    return {cell_of(fmt::format("seen {} ago ", age_word(age)), ink::yellow)};
  }
  if (s.pace.interval.count() == 0) return {};
  return {cell_of(
      fmt::format("every {}, a look takes {} ", elapsed(s.pace.interval), elapsed(s.pace.took)),
      ink::dim)};
}

std::size_t width_of(const render::line& cells) {
  std::size_t width = 0;
  for (const auto& c : cells) width += c.width;
  return width;
}

/// As much of it as has room: of what is left out the kernel goes first, then the pace.
render::line header(const screen_state& s, std::size_t width, moment now) {
  if (!s.shown) {
    return fitted({cell_of(" waitstate", ink::bold),
                   cell_of("  looking at the sockets of this host", ink::dim)},
                  width);
  }
  const auto& seen = s.shown->seen;
  const auto left = [&](bool with_kernel) {
    return render::line{cell_of(" waitstate", ink::bold),
                        cell_of("  " + host_of(s, seen, with_kernel), ink::dim),
                        cell_of("  " + counted(seen.states().total(), "socket"))};
  };
  auto right = pace_of(s, now);
  const auto room = width - std::min(width, width_of(right) + 2);
  for (const bool with_kernel : {true, false}) {
    if (width_of(left(with_kernel)) <= room) return spread(left(with_kernel), right, width);
  }
  if (!s.paused_since) right.clear();
  return spread(left(false), std::move(right), width);
}

render::cell key_name(std::string_view name) {
  return cell_of(fmt::format(" {}", name), ink::bold);
}

/// The keys that are of use now, as many as fit.
render::line keys_line(const screen_state& s, std::size_t width) {
  render::line keys;
  std::size_t used = 0;
  const auto add = [&](std::string_view name, std::string_view does) {
    auto key = key_name(name);
    auto meaning = cell_of(fmt::format(" {} ", does), ink::dim);
    used += key.width + meaning.width;
    if (used > width) return;
    keys.push_back(std::move(key));
    keys.push_back(std::move(meaning));
  };
  if (s.page) {
    const bool of_finding = !s.page->key.empty();
    if (of_finding) {
      add("Enter", "proof");
      add("e", "explain");
      add("r", "remedies");
    }
    if (s.page->kind == page_kind::sockets) add("y", "command");
    return keys;
  }
  if (!s.shown) return keys;
  if (s.focus == pane_id::findings) {
    add("Enter", "proof");
    add("e", "explain");
    add("r", "remedies");
  } else {
    add("Enter", "sockets");
    add("r", "remedies");
    add("s", "sort");
  }
  add("/", "filter");
  add("Tab", "pane");
  return keys;
}

render::line footer(const screen_state& s, std::size_t width, moment now) {
  if (s.prompt) {
    render::line line{cell_of(" /", ink::bold), cell_of(render::clean(s.prompt->text)),
                      cell_of("█", ink::dim)};
    if (!s.prompt->wrong.empty()) line.push_back(cell_of("  " + s.prompt->wrong, ink::yellow));
    return fitted(std::move(line), width);
  }
  if (now < s.message_until) {
    return fitted({cell_of(" " + s.message, ink::cyan)}, width);
  }
  const bool is_help = s.page && s.page->kind == page_kind::help;
  render::line right;
  if (!is_help) {
    right.push_back(key_name("?"));
    right.push_back(cell_of(" help ", ink::dim));
  }
  right.push_back(key_name(s.page ? "Esc" : "q"));
  right.push_back(cell_of(s.page ? " back " : " quit ", ink::dim));
  const auto taken = width_of(right);
  return spread(keys_line(s, width > taken ? width - taken : 0), std::move(right), width);
}

render::line filter_note(const screen_state& s) {
  if (s.filter == socket_selector{}) return {};
  return {cell_of("only ", ink::dim), cell_of(to_text(s.filter) + ' ', ink::cyan)};
}

/// "▸1 Findings 2", the focused one marked and bold.
render::line title_of(const screen_state& s, const picture& shown, std::size_t index) {
  const auto& p = shown.panes[index];
  const bool has_focus = index == s.focused();
  render::line cells{cell_of(fmt::format("{}{} {}", has_focus ? "▸" : " ", index + 1, p.title),
                             has_focus ? ink::bold : ink::dim)};
  if (p.counted > 0) cells.push_back(cell_of(" " + grouped(p.counted), ink::cyan));
  return cells;
}

/// Titles side by side; where they have no room, the focused one alone.
render::line tabs(const screen_state& s, const picture& shown, std::size_t width) {
  render::line all;
  std::size_t used = 0;
  for (std::size_t i = 0; i < pane_count; ++i) {
    for (auto& c : title_of(s, shown, i)) {
      used += c.width;
      all.push_back(std::move(c));
    }
    all.push_back(cell_of("  "));
    used += 2;
  }
  if (used <= width) return spread(std::move(all), filter_note(s), width);
  auto one = title_of(s, shown, s.focused());
  one.push_back(cell_of(fmt::format(" of {} (Tab)", pane_count), ink::dim));
  return spread(std::move(one), filter_note(s), width);
}

void add(frame& to, render::line cells) {
  to.rows.push_back({.cells = fitted(std::move(cells), to.size.width)});
}

void add_all(frame& to, std::vector<render::line> lines) {
  for (auto& l : lines) add(to, std::move(l));
}

void add_pane(frame& to, screen_state& s, const picture& shown, std::size_t index,
              std::size_t height) {
  const auto end = to.rows.size() + height;
  for (auto& row : drawn(shown.panes[index], s.cursors[index],
                         {.width = to.size.width, .height = height}, index == s.focused())) {
    to.rows.push_back(std::move(row));
  }
  while (to.rows.size() < end) add(to, {});
}

/// As many panes as there is room for: all of them one below the other, or the focused one.
void add_panes(frame& to, screen_state& s, const picture& shown, std::size_t height) {
  if (height == 0) return;
  if (height < stacked_from_height) {
    to.rows.push_back({.cells = tabs(s, shown, to.size.width)});
    add_pane(to, s, shown, s.focused(), height - 1);
    return;
  }
  // A title each, and a blank line between two.
  const auto rows = height - pane_count - (pane_count - 1);
  for (std::size_t i = 0; i < pane_count; ++i) {
    if (i > 0) add(to, {});
    auto note = i == 0 ? filter_note(s) : render::line{};
    to.rows.push_back({.cells = spread(title_of(s, shown, i), std::move(note), to.size.width)});
    add_pane(to, s, shown, i, rows / pane_count + (i < rows % pane_count ? 1 : 0));
  }
}

std::vector<render::line> lines_of(const screen_state& s, const open_page& p, std::size_t width) {
  switch (p.kind) {
    case page_kind::proof: return proof_page(p.finding, width);
    case page_kind::remedies: return remedy_page(p.finding, width);
    case page_kind::limit: return limit_page(p.limit, width);
    case page_kind::sockets:
      if (!s.shown) return {};
      return sockets_page(s.shown->seen, s.shown->report, p.sockets, width);
    case page_kind::help: return help_page(s.options.notes, width);
    case page_kind::explanation: break;
  }
  const auto text = s.options.explain ? s.options.explain(p.finding.id, width) : std::string();
  return text.empty() ? text_page("There is no page about it.") : text_page(text);
}

/// Without its first columns.
render::line shifted(render::line cells, std::size_t columns) {
  for (auto& c : cells) {
    if (columns == 0) break;
    // Commands are ASCII; of other text a column is as good as a character.
    const auto cut = std::min(columns, c.width);
    std::size_t bytes = 0;
    while (bytes < c.text.size() &&
           render::columns(std::string_view(c.text).substr(0, bytes)) < cut) {
      ++bytes;
      while (bytes < c.text.size() && (static_cast<unsigned char>(c.text[bytes]) & 0xC0) == 0x80) {
        ++bytes;
      }
    }
    c = cell_of(c.text.substr(bytes), c.ink);
    columns -= cut;
  }
  return cells;
}

/// What goes on behind the right edge ends in a mark.
render::line marked(render::line cells, std::size_t width) {
  if (width_of(cells) <= width) return cells;
  auto made = fitted(std::move(cells), width - 1);
  made.push_back(cell_of("…", ink::dim));
  return made;
}

void add_page(frame& to, const screen_state& s, open_page& p, std::size_t height) {
  // A blank at the right, as at the left.
  auto lines = lines_of(s, p, to.size.width - 1);
  const auto end = to.rows.size() + height;
  if (p.is_over) {
    add(to, {cell_of(" This is over: it is as it was last seen.", ink::yellow)});
    --height;
  }
  p.height = lines.size();
  p.room = std::max<std::size_t>(height, 1);
  p.first = std::min(p.first, p.height > p.room ? p.height - p.room : 0);
  for (auto i = p.first; i < lines.size() && to.rows.size() < end; ++i) {
    add(to, marked(shifted(std::move(lines[i]), p.shift), to.size.width));
  }
  while (to.rows.size() < end) add(to, {});
}

void add_overview(frame& to, const screen_state& s, const picture& shown) {
  const auto [width, height] = to.size;
  const bool is_high = height >= diagram_from_height;
  add_all(to, verdict_lines(shown.report, width, height >= 30 ? 5 : is_high ? 4 : 3));
  if (is_high && width >= state_diagram_width) {
    add(to, {});
    // Of a part of the sockets no rate is known.
    const bool is_whole = s.filter == socket_selector{};
    add_all(to, state_diagram(shown.counts, is_whole ? shown.rates : transitions{},
                              is_whole ? s.past : history{}, width));
    add(to, {});
  } else {
    add(to, state_line(shown.counts, width));
  }
}

}  // namespace

frame draw(screen_state& s, const frame_size& size, moment now) {
  frame made{.size = {.width = std::clamp<std::size_t>(size.width, 1, frame_size::most),
                      .height = std::clamp<std::size_t>(size.height, 1, frame_size::most)},
             .rows = {}};
  const auto [width, height] = made.size;
  if (width < frame_size::width_min || height < frame_size::height_min) {
    add(made, {cell_of("too small")});
  } else {
    made.rows.push_back({.cells = header(s, width, now)});
    if (s.page && (s.shown || s.page->kind == page_kind::help)) {
      add(made, {});
      add_page(made, s, *s.page, height - 3);
    } else if (s.shown) {
      add_overview(made, s, *s.shown);
      const auto used = made.rows.size() + 1;
      add_panes(made, s, *s.shown, height > used ? height - used : 0);
    }
  }
  made.rows.resize(std::min(made.rows.size(), height - 1));
  while (made.rows.size() + 1 < height) add(made, {});
  made.rows.push_back({.cells = footer(s, width, now)});
  return made;
}

}  // namespace waitstate::view
