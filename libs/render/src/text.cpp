#include "waitstate/render/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facts.h"
#include "finding_writer.h"
#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/clean.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"

namespace waitstate::render {
namespace {

using diagnosis::finding;
using diagnosis::report;
using diagnosis::severity;

/// A terminal's usual height is 24 to 50 lines.
constexpr std::size_t screen_lines = 40;

/// How much of everything is shown.
struct report_detail {
  finding_detail findings;
  std::size_t infos_max;
  bool with_hints = true;  ///< Of limits.
};

constexpr report_detail whole{.findings = {.evidence_max = finding_detail::everything,
                                           .other_remedies_max = finding_detail::everything},
                              .infos_max = finding_detail::everything};

/// The first that fits a screen is taken, or the last.
constexpr std::array<report_detail, 5> by_room{{
    {.findings = {.evidence_max = 6, .other_remedies_max = 4}, .infos_max = 6},
    {.findings = {.evidence_max = 4, .other_remedies_max = 2}, .infos_max = 3},
    {.findings = {.evidence_max = 3, .other_remedies_max = 1}, .infos_max = 1},
    {.findings = {.evidence_max = 2, .other_remedies_max = 0}, .infos_max = 0},
    {.findings = {.evidence_max = 1, .other_remedies_max = 0, .with_forecast = false},
     .infos_max = 0,
     .with_hints = false},
}};

bool is_info(const finding& f) {
  return f.severity == severity::info;
}

std::string upper(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

void write_headline(page& to, const report& r) {
  to.paragraph(upper(to_string(r.verdict)) + "  ", ink_of(r.verdict), r.headline, ink::bold);
}

void write_seen(page& to, const report& r) {
  to.blank();
  to.paragraph("   Seen   ", ink::bold, source_line(r.about));
  to.paragraph("   States ", ink::bold, states_line(r.about.states));
}

/// Those above info, and with everything these too. The first one's title is the headline, mostly.
/// Returns whether anything was left out.
bool write_findings(page& to, const report& r, const report_detail& detail) {
  finding_writer writer(to, detail.findings);
  for (const auto& f : r.findings) {
    if (is_info(f) && !detail.findings.is_everything()) continue;
    if (&f == &r.findings.front() && stated(f) == r.headline) {
      writer.write_under_headline(f);
      continue;
    }
    to.blank();
    writer.write(f);
  }
  return writer.left_out();
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

/// Returns whether any was left out.
bool write_infos(page& to, const report& r, std::size_t most) {
  const auto infos = static_cast<std::size_t>(std::ranges::count_if(r.findings, is_info));
  if (infos == 0) return false;
  const bool alone = infos == r.findings.size();
  to.blank();
  const auto shown = std::min(infos, most);
  if (shown == 0) {
    to.paragraph("Also ", ink::bold, fmt::format("{} worth a thought", counted(infos, "thing")));
    return true;
  }
  to.paragraph(alone ? "Good to know" : "Also", ink::bold, "");
  for (const auto& f : r.findings | std::views::filter(is_info) | std::views::take(shown)) {
    write_info(to, f, r, alone);
  }
  if (shown < infos) to.paragraph(5, fmt::format("-v shows {} more", infos - shown), ink::dim);
  return true;
}

/// Returns whether a hint was left out.
bool write_limits(page& to, const report& r, bool with_hints) {
  if (r.limits.empty()) return false;
  to.blank();
  to.paragraph("Limits", ink::bold, "");
  for (const auto& l : r.limits) {
    to.paragraph("   - ", ink::plain,
                 l.hint.empty() || !with_hints ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
  return !with_hints;
}

void write_more(page& to, const report& r, bool left_out) {
  if (r.findings.empty()) return;
  to.blank();
  const auto page_of = fmt::format("waitstate explain {}", r.findings.front().id);
  to.paragraph("More: ", ink::dim, left_out ? "-v shows everything; " + page_of : page_of,
               ink::dim);
}

std::vector<line> lines_of(const report& r, std::size_t width, const report_detail& detail) {
  page to(width);
  write_headline(to, r);
  bool left_out = write_findings(to, r, detail);
  write_seen(to, r);
  if (!detail.findings.is_everything() && write_infos(to, r, detail.infos_max)) left_out = true;
  if (write_limits(to, r, detail.with_hints)) left_out = true;
  write_more(to, r, left_out);
  return to.take();
}

std::vector<line> fitted(const report& r, std::size_t width) {
  std::vector<line> lines;
  for (const auto& detail : by_room) {
    lines = lines_of(r, width, detail);
    if (lines.size() <= screen_lines) break;
  }
  return lines;
}

}  // namespace

std::string to_text(const report& r, const text_style& style) {
  const auto lines = style.verbose ? lines_of(r, style.width, whole) : fitted(r, style.width);
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

std::string to_one_line(const report& r) {
  auto text = upper(to_string(r.verdict));
  if (!r.about.host.name.empty()) text += " " + r.about.host.name;
  text += ": " + r.headline;
  const auto is_trouble = [](const finding& f) { return !is_info(f); };
  const auto troubles = std::ranges::count_if(r.findings, is_trouble);
  if (troubles > 1) {
    text += "; " + counted(static_cast<std::uint64_t>(troubles - 1), "more finding");
  }
  if (troubles > 0 && !r.findings.front().remedies.empty()) {
    text += "; do: " + r.findings.front().remedies.front().text;
  }
  auto cleaned = clean(text);
  std::ranges::replace(cleaned, '\n', ' ');
  std::ranges::replace(cleaned, '|', '/');  // To a Nagios check performance data begin there.
  return cleaned + '\n';
}

}  // namespace waitstate::render
