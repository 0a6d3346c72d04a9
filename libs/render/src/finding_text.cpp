#include "finding_text.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::render {
namespace {

using diagnosis::evidence;
using diagnosis::finding;
using diagnosis::remedy;
using diagnosis::severity;

constexpr std::size_t indent = 3;       // under the number of the finding
constexpr std::size_t label_width = 7;  // "Proof" and two blanks
constexpr std::size_t body = indent + label_width;
constexpr std::size_t command_indent = body + 6;

std::string label(std::string_view name) {
  return std::string(indent, ' ') + left(name, label_width);
}

std::string_view mark(severity s) {
  switch (s) {
    case severity::info: return "info";
    case severity::warning: return "WARNING";
    case severity::critical: return "CRITICAL";
  }
  return "";
}

std::string value_of(const evidence& e) {
  return e.source.empty() ? e.value : fmt::format("{}  ({})", e.value, e.source);
}

/// The width of the column of facts: as wide as they are, but never so wide that the values starve.
std::size_t fact_width(const page& to, const finding& f, std::size_t shown) {
  std::size_t widest = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    widest = std::max(widest, columns(clean(f.evidence[i].fact)));
  }
  return std::min({widest, (to.width() - body) / 2, to.width() - body - 2 - page::narrowest});
}

bool write_proof(page& to, const finding& f, std::size_t evidence_max) {
  const auto shown = std::min(f.evidence.size(), evidence_max);
  const auto width = fact_width(to, f, shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto lead = i == 0 ? label("Proof") : std::string(body, ' ');
    const auto fact = clean(f.evidence[i].fact);
    if (columns(fact) > width) {
      to.paragraph(lead, ink::bold, fact + ": " + value_of(f.evidence[i]));
    } else {
      to.aligned(lead, ink::bold, left(fact, width) + "  ", value_of(f.evidence[i]));
    }
  }
  return shown < f.evidence.size();
}

void write_remedy(page& to, std::string_view lead, ink lead_ink, const remedy& r) {
  to.paragraph(lead, lead_ink, r.text);
  if (!r.command.empty()) to.verbatim(command_indent, r.command, ink::cyan);
  const auto under = std::string(columns(lead), ' ');
  if (!r.risk.empty()) to.paragraph(under + "risk: ", ink::dim, r.risk);
  if (!r.undo.empty()) to.paragraph(under + "undo: ", ink::dim, r.undo);
}

bool write_remedies(page& to, const finding& f, const finding_detail& detail) {
  const auto shown = std::min(f.remedies.size(), detail.remedies_max);
  bool left_out = shown < f.remedies.size();
  std::size_t lines_left = detail.command_lines_max;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& r = f.remedies[i];
    const auto lead = fmt::format("{}{}. ", i == 0 ? label("Do") : std::string(body, ' '), i + 1);
    const auto lines = lines_of(r.command).size();
    const bool fits = lines > 0 && lines <= lines_left;
    if (i == 0 || fits || detail.command_lines_max == finding_detail::everything) {
      write_remedy(to, lead, i == 0 ? ink::bold : ink::plain, r);
      lines_left -= std::min(lines, lines_left);
    } else {
      to.line(lead, ink::plain, r.text);
      left_out = left_out || lines > 0 || !r.risk.empty() || !r.undo.empty();
    }
  }
  if (shown < f.remedies.size()) {
    to.paragraph(body, fmt::format("{} more with -v", f.remedies.size() - shown), ink::dim);
  }
  return left_out;
}

}  // namespace

bool write_finding(page& to, const finding& f, std::size_t number, const finding_detail& detail) {
  const auto lead = fmt::format("{}. {}  ", number, mark(f.severity));
  to.paragraph(lead, ink_of(f.severity), f.title, ink::bold);
  bool left_out = write_proof(to, f, detail.evidence_max);
  if (!f.cause.empty()) to.paragraph(label("Why"), ink::bold, f.cause);
  if (!f.forecast.empty()) to.paragraph(label("Next"), ink::bold, f.forecast);
  left_out = write_remedies(to, f, detail) || left_out;
  return left_out;
}

}  // namespace waitstate::render
