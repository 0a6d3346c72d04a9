#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <ranges>
#include <span>

#include <fmt/format.h>

#include "columns.h"
#include "facts.h"
#include "page.h"
#include "waitstate/base/text.h"
#include "waitstate/render/groups.h"

namespace waitstate::render {
namespace {

/// A column of the table: its title, how it is laid out, and each row's cell.
struct table_column {
  std::string_view title;
  bool numeric = false;
  std::size_t narrowest = 0;  ///< What it may shrink to when the table is too wide; 0: not at all.
  int droppable = 0;  ///< Left out when shrinking is not enough, the highest first; 0: never.
  std::vector<std::string> cells;
  std::size_t widest = 0;  ///< Of title and cells.
  std::size_t width = 0;
};

using cell_of = std::function<std::string(const group_row&)>;

std::string count_cell(const group_row& row) {
  return grouped(row.group.count);
}

/// One state, or the two that are most of it.
std::string state_cell(const group_row& row) {
  std::vector<tcp::state> present;
  for (const auto state : tcp::all_states) {
    if (row.states.of(state) > 0) present.push_back(state);
  }
  std::ranges::sort(present, [&](tcp::state a, tcp::state b) {
    const auto count_a = row.states.of(a);
    const auto count_b = row.states.of(b);
    return count_a != count_b ? count_a > count_b : a < b;
  });
  if (present.size() == 1) return std::string(to_string(present[0]));
  std::string text;
  for (const auto state : present | std::views::take(2)) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", grouped(row.states.of(state)), to_string(state));
  }
  if (present.size() > 2) text += fmt::format(", {} more", present.size() - 2);
  return text;
}

/// "to 10.0.0.7:80", "at 10.0.0.1:443 from 3 peers", "with 10.0.0.9": where a row's sockets lead,
/// as far as its columns keep that apart.
std::string where_cell(const group_row& row) {
  const auto with = [](std::string_view word, const std::string& what) {
    return what.empty() ? std::string() : fmt::format("{} {}", word, what);
  };
  const auto peer = row.peer.empty() && row.peers > 0 ? counted(row.peers, "peer") : row.peer;
  if (row.direction == direction::outbound) return peer.empty() ? "out" : with("to", peer);
  const bool inbound = row.direction == direction::inbound;
  auto text = with("at", row.local);
  if (!text.empty() && !peer.empty()) text += ' ';
  text += with(inbound ? "from" : "with", peer);
  if (!text.empty()) return text;
  return inbound ? "in" : "-";
}

std::string text_or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string receive_cell(const group_row& row) {
  const auto& g = row.group;
  if (g.with_queues == 0) return "-";
  const auto filled = g.receive_queue_one + g.receive_queue_more;
  if (filled == 0) return "0";
  return fmt::format("{} in {}", bytes(g.receive_queue_bytes), grouped(filled));
}

std::string send_cell(const group_row& row) {
  const auto& g = row.group;
  if (g.with_queues == 0) return "-";
  if (g.send_queue_filled == 0) return "0";
  return fmt::format("{} in {}", bytes(g.send_queue_bytes), grouped(g.send_queue_filled));
}

/// Connections that wait to be accepted, and how many may.
std::string accept_cell(const group_row& row) {
  if (!row.accept_queue) return "-";
  if (!row.backlog) return grouped(*row.accept_queue);
  return fmt::format("{} of {}", grouped(*row.accept_queue), grouped(*row.backlog));
}

std::string oldest_cell(const group_row& row) {
  if (row.group.age.known() == 0) return "-";
  return elapsed(std::chrono::milliseconds(row.group.age_max_ms));
}

std::string closes_cell(const group_row& row) {
  const auto closes = row.group.closes_per_second();
  return closes > 0 ? rate(closes) : "-";
}

std::string growth_cell(const group_row& row) {
  if (!row.group.growth_per_second) return "-";
  const auto growth = *row.group.growth_per_second;
  if (std::abs(growth) < 0.05) return "0";
  return (growth > 0 ? "+" : "") + rate(growth);
}

bool has(const group_table& table, group_column c) {
  return std::ranges::find(table.by, c) != table.by.end();
}

class table_layout {
 public:
  explicit table_layout(std::span<const group_row> rows) : rows_(rows) {}

  void add(table_column column, const cell_of& cell) {
    column.widest = columns(column.title);
    for (const auto& row : rows_) {
      auto text = clean(cell(row));
      std::ranges::replace(text, '\n', ' ');
      column.widest = std::max(column.widest, columns(text));
      column.cells.push_back(std::move(text));
    }
    column.width = column.widest;
    columns_.push_back(std::move(column));
  }

  /// Leaves out a column that says nothing in any row.
  void add_unless_empty(table_column column, const cell_of& cell) {
    if (std::ranges::any_of(rows_, [&](const auto& row) { return cell(row) != "-"; })) {
      add(std::move(column), cell);
    }
  }

  /// Shrinks and drops columns until the table is at most `width` wide, or nothing more can give.
  void fit(std::size_t width) {
    while (total_width() > width && (shrink_widest() || drop_one())) continue;
  }

  [[nodiscard]] const std::vector<std::string_view>& dropped() const { return dropped_; }

  [[nodiscard]] std::string text(const painter& paint) const {
    auto text = paint(ink::bold, line([](const auto& c) { return std::string(c.title); })) + '\n';
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      text += line([&](const auto& c) { return c.cells[i]; }) + '\n';
    }
    return text;
  }

 private:
  [[nodiscard]] std::size_t total_width() const {
    std::size_t sum = 0;
    for (const auto& c : columns_) sum += c.width + 2;
    return sum - 2;
  }

  bool shrink_widest() {
    table_column* widest = nullptr;
    for (auto& c : columns_) {
      const bool can = c.narrowest > 0 && c.width > c.narrowest;
      if (can && (widest == nullptr || c.width > widest->width)) widest = &c;
    }
    if (widest == nullptr) return false;
    --widest->width;
    return true;
  }

  bool drop_one() {
    const auto first = std::ranges::max_element(columns_, {}, &table_column::droppable);
    if (first == columns_.end() || first->droppable == 0) return false;
    dropped_.push_back(first->title);
    columns_.erase(first);
    for (auto& c : columns_) c.width = c.widest;  // room again
    return true;
  }

  template <class Cell>
  [[nodiscard]] std::string line(Cell cell) const {
    std::string text;
    for (const auto& c : columns_) {
      if (!text.empty()) text += "  ";
      const auto shown = cut(cell(c), c.width);
      text += c.numeric ? right(shown, c.width) : left(shown, c.width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  std::span<const group_row> rows_;
  std::vector<table_column> columns_;
  std::vector<std::string_view> dropped_;
};

void add_columns(table_layout& layout, const group_table& table) {
  layout.add({.title = "COUNT", .numeric = true}, count_cell);
  if (has(table, group_column::net_namespace)) {
    layout.add({.title = "NAMESPACE", .narrowest = 9},
               [](const group_row& row) { return text_or_dash(row.net_namespace); });
  }
  const bool one_state = has(table, group_column::state);
  layout.add({.title = one_state ? "STATE" : "STATES", .narrowest = one_state ? 11U : 24U},
             state_cell);
  layout.add({.title = "WHERE", .narrowest = 30}, where_cell);
  if (has(table, group_column::owner)) {
    layout.add_unless_empty({.title = "OWNER", .narrowest = 14},
                            [](const group_row& row) { return text_or_dash(row.owner); });
  }
  layout.add_unless_empty({.title = "ACCEPT-Q", .numeric = true, .droppable = 2}, accept_cell);
  layout.add_unless_empty({.title = "RECV-Q", .numeric = true, .droppable = 1}, receive_cell);
  layout.add_unless_empty({.title = "SEND-Q", .numeric = true, .droppable = 4}, send_cell);
  layout.add_unless_empty({.title = "OLDEST", .numeric = true}, oldest_cell);
  layout.add_unless_empty({.title = "CLOSES/S", .numeric = true, .droppable = 3}, closes_cell);
  layout.add_unless_empty({.title = "GROWTH/S", .numeric = true}, growth_cell);
}

void write_rest(page& to, const snapshot& s, const group_table& table, std::size_t shown) {
  if (shown < table.rows.size()) {
    std::uint64_t sockets = 0;
    for (const auto& row : table.rows | std::views::drop(shown)) sockets += row.group.count;
    to.paragraph(0,
                 fmt::format("{} in {}: --top 0 shows all", counted(sockets, "socket"),
                             counted(table.rows.size() - shown, "more row")),
                 ink::dim);
  }
  if (table.matched < table.total) {
    to.paragraph(
        0, fmt::format("{} of {} shown", grouped(table.matched), counted(table.total, "socket")),
        ink::dim);
  }
  for (const auto& l : s.limits) {
    to.paragraph("limit: ", ink::bold,
                 l.hint.empty() ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
}

}  // namespace

std::string to_text(const snapshot& s, const group_table& table, const text_style& style,
                    std::size_t top) {
  const auto shown = top == 0 ? table.rows.size() : std::min(top, table.rows.size());
  page to(style);
  to.paragraph("Seen   ", ink::bold, source_line(s));
  to.paragraph("States ", ink::bold, states_line(s.states()));
  to.blank();
  auto text = to.take();
  std::vector<std::string_view> dropped;
  if (shown > 0) {
    table_layout layout(std::span(table.rows).first(shown));
    add_columns(layout, table);
    layout.fit(to.width());
    text += layout.text(painter(style.colour));
    dropped = layout.dropped();
  } else {
    text += "no socket matches\n";
  }
  page rest(style);
  if (!dropped.empty()) {
    rest.paragraph(0, fmt::format("too narrow for {}", fmt::join(dropped, ", ")), ink::dim);
  }
  write_rest(rest, s, table, shown);
  if (auto said = rest.take(); !said.empty()) text += '\n' + said;
  return text;
}

}  // namespace waitstate::render
