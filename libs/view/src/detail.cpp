#include "detail.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"
#include "waitstate/render/groups_text.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"
#include "waitstate/snapshot/grouping.h"

namespace waitstate::view {
namespace {

using render::ink;

constexpr std::size_t indent = 3;

void title(render::page& to, std::string_view lead, ink lead_ink, std::string_view text) {
  to.paragraph(fmt::format(" {}  ", lead), lead_ink, text, ink::bold);
}

void section(render::page& to, std::string_view name) {
  to.blank();
  to.paragraph(1, name, ink::cyan);
}

std::string word_of(diagnosis::severity s) {
  switch (s) {
    case diagnosis::severity::info: return "INFO";
    case diagnosis::severity::warning: return "WARNING";
    case diagnosis::severity::critical: return "CRITICAL";
  }
  return {};
}

void write_evidence(render::page& to, const diagnosis::finding& f) {
  std::size_t widest = 0;
  for (const auto& e : f.evidence) {
    widest = std::max(widest, render::columns(render::clean(e.fact)));
  }
  widest = std::min(widest, to.width() / 2);
  for (const auto& e : f.evidence) {
    const auto fact = render::clean(e.fact);
    const auto shown = render::columns(fact) > widest ? render::cut(fact, widest) : fact;
    to.paragraph(fmt::format("{}{}  ", std::string(indent, ' '), render::left(shown, widest)),
                 ink::plain, fmt::format("{} ({})", e.value, e.source));
  }
}

void write_remedy(render::page& to, const diagnosis::remedy& r, std::size_t number) {
  to.blank();
  to.paragraph(fmt::format(" {}. ", number), ink::bold, r.text);
  for (const auto line : render::lines_of(r.command)) to.verbatim(indent + 4, line, ink::cyan);
  const auto lead = std::string(indent + 1, ' ');
  if (!r.risk.empty()) to.paragraph(lead + "risk: ", ink::dim, r.risk);
  if (!r.undo.empty()) to.paragraph(lead + "undo: ", ink::dim, r.undo);
}

struct help_row {
  std::string_view keys;
  std::string_view does;
};
constexpr std::array help_rows{
    help_row{"up down j k", "move; PgUp PgDn, g and G for the ends"},
    help_row{"Tab 1 2 3 4", "another pane"},
    help_row{"Enter", "the proof of a finding; the sockets of a row"},
    help_row{"e", "explains the finding"},
    help_row{"r", "what to do about it: nothing is done from here"},
    help_row{"Esc", "back; in the panes: no filter"},
    help_row{"/", "filter by words such as state:close-wait process:nginx"},
    help_row{"s S", "sort by the next column; the other way round"},
    help_row{"y", "the row, or the filter, as a command to copy"},
    help_row{"Space", "pause: nothing changes, and nothing is looked at"},
    help_row{"q Ctrl-C", "quit"},
};
constexpr std::array help_words{
    std::string_view("A number under a state is how many connections are in it. 12/s behind it: so "
                     "many enter it a second; +12/s: by so many it grows, over ten seconds."),
    std::string_view("PORTS LEFT counts what connect() could still choose for that destination. "
                     "CLOSES are those that left a TIME-WAIT here, by its timers: a bar for each 5 "
                     "seconds of the last minute."),
    std::string_view(
        "UNREAD \"FIN\" is the peer's close and nothing else: the program has read all "
        "that came. A ghost is a descriptor whose socket the kernel has dropped."),
    std::string_view("Rows are groups. The cursor stays on its group, and rows keep their places "
                     "for two seconds after it has moved."),
};

}  // namespace

bool is_about(const diagnosis::finding& f, const socket_selector& selected) {
  if (!selected.process.empty()) {
    return selected.process == fmt::format("{}", f.subject.pid) ||
           selected.process == f.subject.process;
  }
  return selected.peer && f.subject.text == to_string(*selected.peer);
}

std::vector<render::line> proof_page(const diagnosis::finding& f, std::size_t width) {
  render::page to(width);
  title(to, word_of(f.severity), render::ink_of(f.severity), stated(f));
  section(to, "Proof");
  write_evidence(to, f);
  if (!f.cause.empty()) {
    section(to, "Why");
    to.paragraph(indent, f.cause);
  }
  if (!f.certainty.other_cause.empty()) {
    section(to, "Or else");
    to.paragraph(indent, fmt::format("{}; what decides: {}", f.certainty.other_cause,
                                     f.certainty.decided_by));
  }
  if (!f.forecast.empty()) {
    section(to, "Next");
    to.paragraph(indent, f.forecast);
  }
  if (!f.remedies.empty()) {
    section(to, "Do");
    to.paragraph(indent, f.remedies.front().text);
    to.paragraph(indent, "r shows it whole, and what else there is", ink::dim);
  }
  return to.take();
}

std::vector<render::line> remedy_page(const diagnosis::finding& f, std::size_t width) {
  render::page to(width);
  title(to, word_of(f.severity), render::ink_of(f.severity), stated(f));
  to.blank();
  to.paragraph(1, "What to do, best first. Nothing is done from here: copy what you want.",
               ink::dim);
  std::size_t number = 0;
  for (const auto& r : f.remedies) write_remedy(to, r, ++number);
  if (f.remedies.empty()) {
    to.blank();
    to.paragraph(1, "There is nothing to do about it.");
  }
  return to.take();
}

std::vector<render::line> limit_page(const limit& l, std::size_t width) {
  render::page to(width);
  title(to, "LIMIT", ink::yellow, l.text);
  if (!l.hint.empty()) {
    section(to, "Do");
    to.paragraph(indent, l.hint);
  }
  return to.take();
}

std::vector<render::line> sockets_page(const snapshot& s, const diagnosis::report& r,
                                       const socket_selector& selected, std::size_t width) {
  constexpr std::size_t rows_max = 40;
  render::page to(width);
  title(to, "SOCKETS", ink::bold, to_text(selected));
  for (const auto& f : r.findings) {
    if (!is_about(f, selected)) continue;
    to.blank();
    title(to, word_of(f.severity), render::ink_of(f.severity), stated(f));
    if (!f.remedies.empty()) to.paragraph("  do: ", ink::dim, f.remedies.front().text);
  }
  to.blank();
  const auto table = group_sockets(s, {}, selected);
  auto lines = to.take();
  // What that begins with, up to a blank line, the screen says already.
  auto rows = text_page(render::to_text(s, table, {.width = width - 1}, rows_max));
  const auto head = std::ranges::find_if(rows, [](const render::line& l) { return l.empty(); });
  lines.insert(lines.end(), std::make_move_iterator(head == rows.end() ? rows.begin() : head + 1),
               std::make_move_iterator(rows.end()));
  return lines;
}

std::vector<render::line> help_page(const std::vector<std::string>& notes, std::size_t width) {
  constexpr std::size_t keys_width = 13;
  render::page to(width);
  title(to, "KEYS", ink::bold, "");
  for (const auto& [keys, does] : help_rows) {
    to.paragraph(std::string(indent, ' ') + render::left(keys, keys_width), ink::bold, does);
  }
  section(to, "Words");
  for (const auto text : help_words) to.paragraph(indent, text);
  if (!notes.empty()) section(to, "This program");
  for (const auto& note : notes) to.paragraph(indent, note);
  return to.take();
}

std::vector<render::line> text_page(std::string_view text) {
  std::vector<render::line> lines;
  for (const auto line : render::lines_of(text)) {
    if (line.empty()) {
      lines.emplace_back();
    } else {
      lines.push_back({render::cell_of(" " + render::clean(line))});
    }
  }
  return lines;
}

}  // namespace waitstate::view
