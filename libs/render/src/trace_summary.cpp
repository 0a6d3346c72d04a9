#include "waitstate/render/trace_summary.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "trace_words.h"
#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"
#include "waitstate/render/table.h"

namespace waitstate::render {
namespace {

using row = connection_tally::row;

constexpr std::size_t rows_shown = 20;

std::string where_of(const row& r) {
  if (r.direction == direction::unknown) return "open before the trace";
  if (r.direction == direction::outbound) return "to " + to_string(r.end);
  return "at " + to_string(r.end);
}

std::string life_of(const row& r) {
  if (r.measured == 0) return "-";
  return life_text(r.life / r.measured);
}

table table_of(std::span<const row> rows, std::chrono::milliseconds traced) {
  table made;
  const auto add = [&](const table_column& column, auto text) {
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    for (const auto& r : rows) texts.push_back(text(r));
    made.add(column, std::move(texts));
  };
  const auto seconds = std::max(std::chrono::duration<double>(traced).count(), 0.001);
  add({.title = "ENDED", .numeric = true}, [](const row& r) { return grouped(r.connections); });
  add({.title = "A SECOND", .numeric = true}, [seconds](const row& r) {
    return waitstate::rate(static_cast<double>(r.connections) / seconds);
  });
  add({.title = "PROCESS", .narrowest = 8},
      [](const row& r) { return r.process.empty() ? "-" : r.process; });
  add({.title = "WHERE", .narrowest = 16}, where_of);
  add({.title = "LIFE", .numeric = true}, life_of);
  add({.title = "BYTES EACH", .numeric = true, .droppable = 1},
      [](const row& r) { return bytes(r.bytes / r.connections); });
  add({.title = "CLOSED FIRST HERE", .numeric = true},
      [](const row& r) { return share(r.closed_here_first, r.connections); });
  add({.title = "BY PEER", .numeric = true},
      [](const row& r) { return share(r.closed_by_peer_first, r.connections); });
  add({.title = "RESET", .numeric = true, .droppable = 2},
      [](const row& r) { return share(r.resets, r.connections); });
  add({.title = "FAILED", .numeric = true},
      [](const row& r) { return share(r.connections - r.established, r.connections); });
  return made;
}

}  // namespace

std::string to_text(const connection_tally& tally, std::chrono::milliseconds traced,
                    const text_style& style) {
  page to(style.width);
  const auto rows = tally.rows();
  if (rows.empty()) {
    to.paragraph(0, fmt::format("No connection ended in {}.", elapsed(traced)), ink::plain);
    return plain_text(to.take());
  }
  const auto shown = std::min(rows.size(), rows_shown);
  const auto whole = table_of(std::span(rows).first(shown), traced);
  auto fitted = whole;
  fitted.fit(to.width());
  to.add(fitted.width() <= to.width() ? fitted.lines() : whole.stacked(to.width()));
  std::uint64_t rest = tally.not_kept();
  for (const auto& r : std::span(rows).subspan(shown)) rest += r.connections;
  if (rest > 0)
    to.paragraph(0, fmt::format("{} in other rows", counted(rest, "connection")), ink::dim);
  to.blank();
  to.paragraph(0,
               "Who closes first keeps the TIME-WAIT: of connections to a peer it holds a port of "
               "this host for 60 s, of those at a listener it holds none.",
               ink::dim);
  const auto lines = to.take();
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

}  // namespace waitstate::render
