#include <algorithm>
#include <cmath>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "facts.h"
#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/groups_text.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"
#include "waitstate/render/table.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::render {
namespace {

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

bool has(const group_table& groups, group_column c) {
  return std::ranges::find(groups.by, c) != groups.by.end();
}

/// What a row has in one column.
template <class Text>
std::vector<std::string> texts_of(std::span<const group_row> rows, Text text) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const auto& row : rows) texts.push_back(text(row));
  return texts;
}

table layout_of(const group_table& groups, std::span<const group_row> rows) {
  table made;
  const auto add = [&](const table_column& column, auto text) {
    made.add(column, texts_of(rows, text));
  };
  add({.title = "COUNT", .numeric = true}, count_cell);
  if (has(groups, group_column::net_namespace)) {
    add({.title = "NAMESPACE", .narrowest = 9},
        [](const group_row& row) { return text_or_dash(row.net_namespace); });
  }
  if (has(groups, group_column::container)) {
    add({.title = "CONTAINER", .narrowest = 14},
        [](const group_row& row) { return text_or_dash(row.container); });
  }
  const bool one_state = has(groups, group_column::state);
  add({.title = one_state ? "STATE" : "STATES", .narrowest = one_state ? 11U : 24U}, state_cell);
  add({.title = "WHERE", .narrowest = 30}, where_cell);
  if (has(groups, group_column::owner)) {
    add({.title = "OWNER", .narrowest = 14, .may_be_missing = true},
        [](const group_row& row) { return text_or_dash(row.owner); });
  }
  const auto add_number = [&](std::string_view title, int droppable, auto text) {
    add({.title = title, .numeric = true, .droppable = droppable, .may_be_missing = true}, text);
  };
  add_number("ACCEPT-Q", 2, accept_cell);
  add_number("RECV-Q", 1, receive_cell);
  add_number("SEND-Q", 4, send_cell);
  add_number("OLDEST", 0, oldest_cell);
  add_number("CLOSES/S", 3, closes_cell);
  add_number("GROWTH/S", 0, growth_cell);
  return made;
}

void write_rest(page& to, const snapshot& s, const group_table& groups, std::size_t shown) {
  if (shown < groups.rows.size()) {
    std::uint64_t sockets = 0;
    for (const auto& row : groups.rows | std::views::drop(shown)) sockets += row.group.count;
    to.paragraph(0,
                 fmt::format("{} in {}: --top 0 shows all", counted(sockets, "socket"),
                             counted(groups.rows.size() - shown, "more row")),
                 ink::dim);
  }
  if (groups.matched < groups.total) {
    to.paragraph(
        0, fmt::format("{} of {} shown", grouped(groups.matched), counted(groups.total, "socket")),
        ink::dim);
  }
  for (const auto& l : s.limits) {
    to.paragraph("limit: ", ink::bold,
                 l.hint.empty() ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
}

}  // namespace

std::string to_text(const snapshot& s, const group_table& groups, const text_style& style,
                    std::size_t top) {
  const auto shown = top == 0 ? groups.rows.size() : std::min(top, groups.rows.size());
  page to(style.width);
  to.paragraph("Seen   ", ink::bold, source_line(summary_of(s)));
  to.paragraph("States ", ink::bold, states_line(s.states()));
  to.blank();
  page rest(style.width);
  if (shown > 0) {
    const auto rows = layout_of(groups, std::span(groups.rows).first(shown));
    auto fitted = rows;
    fitted.fit(to.width());
    const bool fits = fitted.width() <= to.width();
    to.add(fits ? fitted.lines() : rows.stacked(to.width()));
    if (fits && !fitted.dropped().empty()) {
      rest.paragraph(0, fmt::format("too narrow for {}", fmt::join(fitted.dropped(), ", ")),
                     ink::dim);
    }
  } else {
    to.paragraph(0, "no socket matches");
  }
  write_rest(rest, s, groups, shown);
  if (!rest.empty()) {
    to.blank();
    to.add(rest.take());
  }
  const auto lines = to.take();
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

}  // namespace waitstate::render
