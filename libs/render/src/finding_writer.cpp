#include "finding_writer.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sentences.h"
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
constexpr std::size_t number_width = 3;  // "1. "
constexpr std::size_t command_indent = body + number_width;

/// Of a finding: its title, its cause and the first line of its first command.
constexpr std::size_t top_lines = 8;

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

void finding_writer::write(const finding& f) {
  const auto before = to_.height();
  const auto lead = fmt::format("{}. {}  ", number_ + 1, mark(f.severity));
  to_.paragraph(lead, ink_of(f.severity), stated(f), ink::bold);
  write_body(f, to_.height() - before);
}

void finding_writer::write_under_headline(const finding& f) {
  write_body(f, to_.height());
}

void finding_writer::write_body(const finding& f, std::size_t title_lines) {
  ++number_;
  write_cause(f, title_lines);
  write_remedies(f);
  write_other_cause(f.certainty);
  write_proof(f);
  write_forecast(f);
}

void finding_writer::write_cause(const finding& f, std::size_t title_lines) {
  if (f.cause.empty()) return;
  auto shown = f.cause;
  if (!detail_.is_everything()) {
    const auto width = to_.width() - body;
    const auto after =
        f.remedies.empty() ? 0 : wrap(f.remedies.front().text, width - number_width).size() + 1;
    const auto taken = std::min(title_lines + after, top_lines);
    shown = first_sentences(f.cause, width, top_lines - taken);
    left_out_ = left_out_ || shown.size() < f.cause.size();
  }
  const bool is_new = said_.insert(shown).second;
  to_.paragraph(label("Why"), ink::bold, is_new ? shown : "as above");
}

void finding_writer::write_remedies(const finding& f) {
  std::size_t others = 0;
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < f.remedies.size(); ++i) {
    const auto& r = f.remedies[i];
    const auto lead = fmt::format("{}{}. ", i == 0 ? label("Do") : std::string(body, ' '), i + 1);
    const auto lead_ink = i == 0 ? ink::bold : ink::plain;
    const bool is_whole = i == 0 || detail_.is_everything();
    const auto [before, is_new] =
        written_.emplace(r.command.empty() ? r.text : r.command, is_whole ? number_ : 0);
    if (is_whole && before->second != 0 && !is_new) {
      to_.paragraph(lead, lead_ink, fmt::format("{}: as under {}", r.text, before->second));
    } else if (is_whole) {
      write_remedy(lead, lead_ink, r);
      before->second = number_;
    } else if (is_new && others < detail_.other_remedies_max) {
      to_.paragraph(lead, lead_ink, r.text);
      ++others;
      left_out_ = left_out_ || !r.command.empty() || !r.risk.empty() || !r.undo.empty();
    } else if (is_new) {
      ++hidden;
    }
  }
  if (hidden == 0) return;
  left_out_ = true;
  to_.paragraph(body, fmt::format("-v shows {} more", hidden), ink::dim);
}

namespace {

/// The text with such blanks in its commands (in back quotes) that no line is broken at, where they
/// fit into `room`: what is cut there cannot be pasted.
std::string with_whole_commands(std::string_view text, std::size_t room) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const auto open = std::min(text.find('`'), text.size());
    kept += text.substr(0, open);
    text.remove_prefix(open);
    const auto close = text.find('`', 1);
    const auto size = close == std::string_view::npos ? text.size() : close + 1;
    const bool is_command =
        close != std::string_view::npos && columns(text.substr(0, size)) <= room;
    for (const char c : text.substr(0, size)) {
      if (is_command && c == ' ') {
        kept += "\xc2\xa0";
      } else {
        kept += c;
      }
    }
    text.remove_prefix(size);
  }
  return kept;
}

}  // namespace

void finding_writer::write_remedy(std::string_view lead, ink lead_ink, const remedy& r) {
  to_.paragraph(lead, lead_ink, r.text);
  if (!r.command.empty()) to_.verbatim(command_indent, r.command, ink::cyan);
  const auto under = std::string(command_indent, ' ');
  if (!r.risk.empty()) to_.paragraph(under + "risk: ", ink::dim, r.risk);
  if (r.undo.empty()) return;
  const auto lead_of_undo = under + "undo: ";
  const auto room = to_.width() - std::min(to_.width(), lead_of_undo.size());
  to_.paragraph(lead_of_undo, ink::dim, with_whole_commands(r.undo, room));
}

void finding_writer::write_other_cause(const diagnosis::certainty& c) {
  if (c.other_cause.empty() || !said_.insert(c.other_cause).second) return;
  to_.paragraph(label("Or"), ink::bold,
                c.decided_by.empty()
                    ? c.other_cause
                    : fmt::format("{}; what decides: {}", c.other_cause, c.decided_by));
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

void finding_writer::write_forecast(const finding& f) {
  if (f.forecast.empty() || !said_.insert(f.forecast).second) return;
  if (detail_.with_forecast) to_.paragraph(label("Next"), ink::bold, f.forecast);
  left_out_ = left_out_ || !detail_.with_forecast;
}

std::vector<const evidence*> finding_writer::new_evidence(const finding& f) {
  std::vector<const evidence*> facts;
  for (const auto& e : f.evidence) {
    if (proven_.insert(e.fact + '\n' + e.value).second) facts.push_back(&e);
  }
  return facts;
}

}  // namespace waitstate::render
