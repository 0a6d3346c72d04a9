#include "finding_writer.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"

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
std::size_t fact_width(const page& to, std::span<const evidence* const> shown) {
  std::size_t widest = 0;
  for (const auto* e : shown) widest = std::max(widest, columns(clean(e->fact)));
  return std::min({widest, (to.width() - body) / 2, to.width() - body - 2 - page::narrowest});
}

}  // namespace

void finding_writer::write(const finding& f, std::string_view already_said) {
  const auto lead = fmt::format("{}. {}  ", ++number_, mark(f.severity));
  const auto title = stated(f);
  const bool repeated = title == already_said;
  to_.paragraph(lead, ink_of(f.severity),
                repeated ? fmt::format("{}: {}", f.id, f.subject.text) : title, ink::bold);
  write_proof(f);
  if (!f.cause.empty()) to_.paragraph(label("Why"), ink::bold, f.cause);
  write_other_cause(f.certainty);
  if (!f.forecast.empty()) to_.paragraph(label("Next"), ink::bold, f.forecast);
  write_remedies(f);
}

void finding_writer::write_other_cause(const diagnosis::certainty& c) {
  if (c.other_cause.empty()) return;
  to_.paragraph(label("Or"), ink::bold,
                c.decided_by.empty()
                    ? c.other_cause
                    : fmt::format("{}; what decides: {}", c.other_cause, c.decided_by));
}

std::vector<const evidence*> finding_writer::new_evidence(const finding& f) {
  std::vector<const evidence*> facts;
  for (const auto& e : f.evidence) {
    if (proven_.insert(e.fact + '\n' + e.value).second) facts.push_back(&e);
  }
  return facts;
}

void finding_writer::write_proof(const finding& f) {
  const auto facts = new_evidence(f);
  const auto shown = std::span(facts).first(std::min(facts.size(), detail_.evidence_max));
  const auto width = fact_width(to_, shown);
  auto lead = label("Proof");
  if (facts.empty() && !f.evidence.empty()) to_.paragraph(lead, ink::bold, "as above");
  for (const auto* e : shown) {
    const auto fact = clean(e->fact);
    if (columns(fact) > width) {
      to_.paragraph(lead, ink::bold, fact + ": " + value_of(*e));
    } else {
      to_.aligned(lead, ink::bold, left(fact, width) + "  ", value_of(*e));
    }
    lead.assign(body, ' ');
  }
  left_out_ = left_out_ || shown.size() < facts.size();
}

void finding_writer::write_remedies(const finding& f) {
  const auto shown = std::min(f.remedies.size(), detail_.remedies_max);
  const bool all = detail_.command_lines_max == finding_detail::everything;
  auto lines_left = detail_.command_lines_max;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& r = f.remedies[i];
    const auto lead = fmt::format("{}{}. ", i == 0 ? label("Do") : std::string(body, ' '), i + 1);
    const auto lead_ink = i == 0 ? ink::bold : ink::plain;
    const auto lines = lines_of(r.command).size();
    if (const auto before = written_.find(r.command); before != written_.end()) {
      to_.paragraph(lead, lead_ink, fmt::format("{}: as under {}", r.text, before->second));
    } else if (all || i == 0 || (lines > 0 && lines <= lines_left)) {
      write_remedy(lead, lead_ink, r);
      lines_left -= std::min(lines, lines_left);
    } else {
      to_.cut_line(lead, lead_ink, r.text);
      left_out_ = left_out_ || lines > 0 || !r.risk.empty() || !r.undo.empty();
    }
  }
  if (shown == f.remedies.size()) return;
  left_out_ = true;
  to_.paragraph(body, fmt::format("{} more with -v", f.remedies.size() - shown), ink::dim);
}

void finding_writer::write_remedy(std::string_view lead, ink lead_ink, const remedy& r) {
  to_.paragraph(lead, lead_ink, r.text);
  if (!r.command.empty()) {
    to_.verbatim(command_indent, r.command, ink::cyan);
    written_.emplace(r.command, number_);
  }
  const auto under = std::string(columns(lead), ' ');
  if (!r.risk.empty()) to_.paragraph(under + "risk: ", ink::dim, r.risk);
  if (!r.undo.empty()) to_.paragraph(under + "undo: ", ink::dim, r.undo);
}

}  // namespace waitstate::render
