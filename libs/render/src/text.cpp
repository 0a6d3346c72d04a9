#include "waitstate/render/text.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <ranges>
#include <string>

#include <fmt/format.h>

#include "facts.h"
#include "finding_writer.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"

namespace waitstate::render {
namespace {

using diagnosis::finding;
using diagnosis::report;
using diagnosis::severity;

bool is_info(const finding& f) {
  return f.severity == severity::info;
}

std::string upper(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

void write_head(page& to, const report& r) {
  to.paragraph(upper(to_string(r.verdict)) + "  ", ink_of(r.verdict), r.headline, ink::bold);
  to.blank();
  to.paragraph("   Seen   ", ink::bold, source_line(r.about));
  to.paragraph("   States ", ink::bold, states_line(r.about.states));
}

/// What fits a screen: the fewer findings, the more of each.
finding_detail detail_for(std::size_t findings, bool verbose) {
  constexpr auto all = finding_detail::everything;
  if (verbose) return {.evidence_max = all, .remedies_max = all, .command_lines_max = all};
  if (findings <= 1) return {.evidence_max = 6, .remedies_max = 5, .command_lines_max = 14};
  if (findings == 2) return {.evidence_max = 4, .remedies_max = 4, .command_lines_max = 1};
  return {.evidence_max = 3, .remedies_max = 2, .command_lines_max = 0};
}

/// A healthy host's reader asks why a number is fine, so its infos come with their cause.
void write_info(page& to, const finding& f, const report& r, bool with_cause) {
  const std::string_view lead = "   - ";
  const auto title = stated(f);
  const bool repeated = title == r.headline;
  to.paragraph(lead, ink_of(f.severity),
               repeated ? fmt::format("{}: {}", f.id, with_cause ? f.cause : f.subject.text)
                        : fmt::format("{} ({})", title, f.id));
  if (with_cause && !repeated && !f.cause.empty()) to.paragraph(lead.size(), f.cause, ink::dim);
}

/// Returns whether anything was left out.
bool write_infos(page& to, const report& r, bool alone) {
  constexpr std::size_t infos_max = 6;
  const auto infos = static_cast<std::size_t>(std::ranges::count_if(r.findings, is_info));
  if (infos == 0) return false;
  to.blank();
  to.paragraph(alone ? "Good to know" : "Also", ink::bold, "");
  for (const auto& f : r.findings | std::views::filter(is_info) | std::views::take(infos_max)) {
    write_info(to, f, r, alone);
  }
  if (infos > infos_max)
    to.paragraph(5, fmt::format("{} more with -v", infos - infos_max), ink::dim);
  return true;
}

bool write_findings(page& to, const report& r, bool verbose) {
  const auto infos = static_cast<std::size_t>(std::ranges::count_if(r.findings, is_info));
  const auto detail = detail_for(r.findings.size() - infos, verbose);
  finding_writer writer(to, detail);
  for (const auto& f : r.findings) {
    if (is_info(f) && !verbose) continue;
    to.blank();
    writer.write(f, r.headline);
  }
  bool left_out = writer.left_out();
  if (!verbose && write_infos(to, r, infos == r.findings.size())) left_out = true;
  return left_out;
}

void write_limits(page& to, const report& r) {
  if (r.limits.empty()) return;
  to.blank();
  to.paragraph("Limits", ink::bold, "");
  for (const auto& l : r.limits) {
    to.paragraph("   - ", ink::plain,
                 l.hint.empty() ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
}

void write_more(page& to, const report& r, bool left_out) {
  if (r.findings.empty()) return;
  to.blank();
  const auto page_of = fmt::format("waitstate explain {}", r.findings.front().id);
  to.paragraph("More: ", ink::dim, left_out ? "-v shows everything; " + page_of : page_of,
               ink::dim);
}

}  // namespace

std::string to_text(const report& r, const text_style& style) {
  page to(style.width);
  write_head(to, r);
  const bool left_out = write_findings(to, r, style.verbose);
  write_limits(to, r);
  write_more(to, r, left_out);
  const auto lines = to.take();
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

}  // namespace waitstate::render
