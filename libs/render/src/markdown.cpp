#include "waitstate/render/markdown.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "facts.h"
#include "waitstate/render/clean.h"

namespace waitstate::render {
namespace {

using diagnosis::finding;
using diagnosis::remedy;
using diagnosis::report;

/// In one line, and without a character that means something to Markdown or HTML. What GitHub makes
/// a link or a mention of without any mark is broken by a joiner that takes no room.
std::string escaped(std::string_view text) {
  constexpr std::string_view special = "\\`*_{}[]<>#|~&$";
  constexpr std::string_view word_joiner = "\u2060";
  const auto cleaned = clean(text);
  std::string safe;
  for (std::size_t i = 0; i < cleaned.size(); ++i) {
    const char c = cleaned[i];
    const auto rest = std::string_view(cleaned).substr(i);
    if (special.contains(c)) safe += '\\';
    safe += c == '\n' ? ' ' : c;
    const bool begins_link =
        rest.starts_with("://") || rest.starts_with("@") || (c == '.' && safe.ends_with("www."));
    if (begins_link) safe += word_joiner;
  }
  return safe;
}

/// Longer than any row of backticks in the text, and three at least.
std::string fence_around(std::string_view text) {
  std::size_t longest = 0;
  std::size_t row = 0;
  for (const char c : text) {
    row = c == '`' ? row + 1 : 0;
    longest = std::max(longest, row);
  }
  return std::string(std::max<std::size_t>(longest + 1, 3), '`');
}

class markdown_writer {
 public:
  void paragraph(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    add("**{}** {}\n\n", label, escaped(text));
  }

  void heading(std::size_t level, std::string_view text) {
    add("{} {}\n\n", std::string(level, '#'), escaped(text));
  }

  void proof_of(const finding& f) {
    if (f.evidence.empty()) return;
    add("| proof | value | read in |\n|---|---|---|\n");
    for (const auto& e : f.evidence) {
      add("| {} | {} | {} |\n", escaped(e.fact), escaped(e.value), escaped(e.source));
    }
    add("\n");
  }

  void remedies_of(const finding& f) {
    for (std::size_t i = 0; i < f.remedies.size(); ++i) remedy_of(i + 1, f.remedies[i]);
  }

  void item(std::string_view text, std::string_view hint) {
    add("- {}{}\n", escaped(text), hint.empty() ? "" : fmt::format(" ({})", escaped(hint)));
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
  }

  void remedy_of(std::size_t number, const remedy& r) {
    add("{}. {}", number, escaped(r.text));
    if (!r.risk.empty()) add("; risk: {}", escaped(r.risk));
    if (!r.undo.empty()) add("; undo: {}", escaped(r.undo));
    add("\n\n");
    if (r.command.empty()) return;
    const auto command = clean(r.command);
    const auto fence = fence_around(command);
    add("{}\n{}{}{}\n\n", fence, command, command.ends_with('\n') ? "" : "\n", fence);
  }

  std::string text_;
};

void write_finding(markdown_writer& to, std::size_t number, const finding& f) {
  to.heading(2, fmt::format("{}. {}", number, stated(f)));
  to.paragraph("Finding", fmt::format("{}, {}", f.id, to_string(f.severity)));
  to.paragraph("Why", f.cause);
  to.paragraph("Or", f.certainty.other_cause);
  to.paragraph("What decides", f.certainty.decided_by);
  to.proof_of(f);
  to.paragraph("Next", f.forecast);
  to.remedies_of(f);
}

}  // namespace

std::string to_markdown(const report& r) {
  markdown_writer to;
  to.heading(1, fmt::format("{}: {}", to_string(r.verdict), r.headline));
  to.paragraph("Seen", source_line(r.about));
  to.paragraph("States", states_line(r.about.states));
  for (std::size_t i = 0; i < r.findings.size(); ++i) write_finding(to, i + 1, r.findings[i]);
  if (!r.limits.empty()) to.heading(2, "Limits");
  for (const auto& l : r.limits) to.item(l.text, l.hint);
  return to.take();
}

}  // namespace waitstate::render
