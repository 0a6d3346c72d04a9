#include "pane.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <ranges>
#include <unordered_map>
#include <utility>

#include "waitstate/render/columns.h"

namespace waitstate::view {
namespace {

/// So long after the cursor moved rows stay where they are.
constexpr std::chrono::seconds hold{2};

void sort_rows_of(pane& p, const pane_state& s) {
  if (s.sorted_by) {
    const auto column = *s.sorted_by;
    sort_rows(p.rows, [&](const pane_row& a, const pane_row& b) {
      const auto left = a.cells[column].order;
      const auto right = b.cells[column].order;
      return s.is_reversed ? left < right : left > right;
    });
  } else if (s.is_reversed) {
    std::ranges::reverse(p.rows);
  }
}

void keep_order(pane& p, const pane_state& s) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (const auto& key : s.order) places.emplace(key, places.size());
  const auto place_of = [&](const pane_row& row) {
    const auto found = places.find(row.key);
    return found == places.end() ? places.size() : found->second;
  };
  sort_rows(p.rows,
            [&](const pane_row& a, const pane_row& b) { return place_of(a) < place_of(b); });
}

/// Where each column of a pane is wide enough for.
struct laid_out {
  std::vector<std::size_t> shown;   ///< Which columns.
  std::vector<std::size_t> widths;  ///< Of these.
};

constexpr std::size_t gap = 2;
/// The mark of the cursor.
constexpr std::size_t margin = 2;
laid_out layout_of(const pane& p, std::size_t width) {
  std::vector<std::size_t> shown(p.columns.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const auto needed = [&] {
    std::size_t sum = margin;
    for (const auto i : shown) {
      const auto& column = p.columns[i];
      sum += (column.width == 0 ? column.wanted : column.width) + gap;
    }
    return sum - gap;
  };
  while (needed() > width) {
    const auto most =
        std::ranges::max_element(shown, {}, [&](std::size_t i) { return p.columns[i].droppable; });
    if (most == shown.end() || p.columns[*most].droppable == 0) break;
    shown.erase(most);
  }
  const auto sum = needed();
  laid_out made{.shown = shown, .widths = {}};
  made.widths.reserve(shown.size());
  for (const auto i : shown) {
    const auto& column = p.columns[i];
    constexpr std::size_t narrowest = 8;
    const auto rest = width >= sum
                          ? column.wanted + (width - sum)
                          : column.wanted - std::min(column.wanted - narrowest, sum - width);
    made.widths.push_back(column.width == 0 ? rest : column.width);
  }
  return made;
}

std::string placed(const std::string& text, std::size_t width, bool numeric) {
  auto fits =
      render::columns(text) > width ? render::cut(text, std::max<std::size_t>(width, 3)) : text;
  return numeric ? render::right(fits, width) : render::left(fits, width);
}

render::line heading(const pane& p, const pane_state& s, const laid_out& how) {
  render::line cells{render::cell_of("  ")};
  for (std::size_t n = 0; n < how.shown.size(); ++n) {
    if (n > 0) cells.push_back(render::cell_of(std::string(gap, ' ')));
    const auto& column = p.columns[how.shown[n]];
    const bool is_sorted = s.sorted_by == how.shown[n];
    auto title = std::string(column.title);
    if (is_sorted) title += s.is_reversed ? "▴" : "▾";
    cells.push_back(render::cell_of(placed(title, how.widths[n], column.numeric),
                                    is_sorted ? render::ink::bold : render::ink::dim));
  }
  return cells;
}

render::line line_of(const pane& p, const pane_row& row, const laid_out& how, bool has_cursor) {
  render::line cells{render::cell_of(has_cursor ? "▸ " : "  ")};
  for (std::size_t n = 0; n < how.shown.size(); ++n) {
    if (n > 0) cells.push_back(render::cell_of(std::string(gap, ' ')));
    const auto& column = p.columns[how.shown[n]];
    const auto& c = row.cells[how.shown[n]];
    cells.push_back(render::cell_of(placed(c.text, how.widths[n], column.numeric), c.ink));
  }
  return cells;
}

/// The cursor is among the rows that are shown, with no blank below the last one.
void scroll(const pane& p, pane_state& s) {
  const auto room = std::max<std::size_t>(s.room, 1);
  if (s.at < s.first) s.first = s.at;
  if (s.at >= s.first + room) s.first = s.at - room + 1;
  const auto last = p.rows.size() > room ? p.rows.size() - room : 0;
  s.first = std::min(s.first, last);
}

}  // namespace

void sort_rows(std::vector<pane_row>& rows,
               const std::function<bool(const pane_row&, const pane_row&)>& before) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (before(rows[a], rows[b])) return true;
    return !before(rows[b], rows[a]) && a < b;
  });
  std::vector<pane_row> sorted;
  sorted.reserve(rows.size());
  for (const auto i : order) sorted.push_back(std::move(rows[i]));
  rows = std::move(sorted);
}

void arrange(pane& p, pane_state& s, moment now) {
  sort_rows_of(p, s);
  if (now < s.held_until) keep_order(p, s);
  s.order.clear();
  s.order.reserve(p.rows.size());
  for (const auto& row : p.rows) s.order.push_back(row.key);
  const auto found = std::ranges::find(s.order, s.selected);
  if (found != s.order.end() && !s.selected.empty()) {
    s.at = static_cast<std::size_t>(found - s.order.begin());
  }
  s.at = std::min(s.at, p.rows.empty() ? 0 : p.rows.size() - 1);
}

void move_cursor(const pane& p, pane_state& s, std::ptrdiff_t rows, moment now) {
  if (p.rows.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(p.rows.size()) - 1;
  const auto at = std::clamp(static_cast<std::ptrdiff_t>(s.at) + std::clamp(rows, -last, last),
                             std::ptrdiff_t{0}, last);
  s.at = static_cast<std::size_t>(at);
  s.selected = p.rows[s.at].key;
  s.held_until = now + hold;
}

void sort_by_next(const pane& p, pane_state& s) {
  s.is_reversed = false;
  s.held_until = {};
  for (auto i = s.sorted_by ? *s.sorted_by + 1 : 0; i < p.columns.size(); ++i) {
    if (!p.columns[i].is_ordered) continue;
    s.sorted_by = i;
    return;
  }
  s.sorted_by.reset();
}

const pane_row* selected_row(const pane& p, const pane_state& s) {
  return s.at < p.rows.size() ? &p.rows[s.at] : nullptr;
}

std::vector<frame_row> drawn(const pane& p, pane_state& s, const frame_size& size, bool has_focus) {
  std::vector<frame_row> rows;
  if (size.height == 0) return rows;
  if (p.rows.empty()) {
    rows.push_back(
        {.cells = fitted({render::cell_of("  " + p.nothing, render::ink::dim)}, size.width)});
    return rows;
  }
  // A blank at the right edge, where there is room for one.
  constexpr std::size_t margin_from_width = 60;
  const auto how = layout_of(p, size.width - (size.width >= margin_from_width ? 1 : 0));
  // Where there is one line it is the row under the cursor.
  if (size.height > 1) rows.push_back({.cells = fitted(heading(p, s, how), size.width)});
  s.room = size.height - rows.size();
  scroll(p, s);
  const auto end = std::min(s.first + s.room, p.rows.size());
  for (auto i = s.first; i < end; ++i) {
    const bool has_cursor = has_focus && i == s.at;
    rows.push_back({.cells = fitted(line_of(p, p.rows[i], how, has_cursor), size.width),
                    .is_selected = has_cursor});
  }
  return rows;
}

}  // namespace waitstate::view
