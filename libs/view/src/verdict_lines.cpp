#include "verdict_lines.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"
#include "waitstate/render/ink.h"

namespace waitstate::view {
namespace {

/// "ATTENTION" and a blank at either end: what stands under it begins there, too.
constexpr std::size_t lead = 12;
/// Shorter lines have what their own word leaves.
constexpr std::size_t lead_from_width = 60;

std::string word_of(diagnosis::verdict v) {
  switch (v) {
    case diagnosis::verdict::healthy: return "HEALTHY";
    case diagnosis::verdict::attention: return "ATTENTION";
    case diagnosis::verdict::critical: return "CRITICAL";
    case diagnosis::verdict::unknown: return "UNKNOWN";
  }
  return {};
}

render::cell lead_of(std::string_view word, render::ink ink, std::size_t width) {
  auto text = fmt::format(" {} ", word);
  return render::cell_of(width >= lead_from_width ? render::left(text, lead) : text, ink);
}

/// The first sentence: the rest is a key away.
std::string first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return std::string(text.substr(0, end));
}

/// The text in as many lines as it may take; the last is cut.
void write(std::vector<render::line>& to, render::cell first, std::string_view text,
           std::size_t width, std::size_t lines_max, render::ink ink) {
  // Short lines go on at the left, where most of the room is.
  const auto indent = width >= lead_from_width ? first.width : 1;
  const auto room = std::max<std::size_t>(width > indent + 1 ? width - indent - 1 : 0, 8);
  // Something in front of the first word keeps the room of the lead.
  const auto lead_over = first.width - indent;
  auto lines = render::wrap(std::string(lead_over, 'x') + render::clean(text), room);
  lines.front().erase(0, lead_over);
  if (lines.size() > lines_max) {
    std::string rest;
    for (auto i = lines_max - 1; i < lines.size(); ++i) {
      rest += (rest.empty() ? "" : " ") + lines[i];
    }
    lines.resize(lines_max);
    const auto left = lines_max == 1 ? room - std::min(lead_over, room - 3) : room;
    lines.back() = render::columns(rest) > left ? render::cut(rest, left) : rest;
  }
  for (auto& one : lines) {
    to.push_back({std::move(first), render::cell_of(std::move(one), ink)});
    first = render::cell_of(std::string(indent, ' '));
  }
}

/// As many facts as fit in a line, the first in any case.
std::string proof_of(const diagnosis::finding& f, std::size_t room) {
  std::string text;
  for (const auto& e : f.evidence) {
    const auto more = fmt::format("{}{}: {}", text.empty() ? "" : "; ", e.fact, e.value);
    if (!text.empty() && render::columns(text) + render::columns(more) > room) break;
    text += more;
  }
  return text.empty() ? first_sentence(f.cause) : text;
}

}  // namespace

std::vector<render::line> verdict_lines(const diagnosis::report& r, std::size_t width,
                                        std::size_t height) {
  std::vector<render::line> lines;
  if (height == 0) return lines;
  const auto ink = render::ink_of(r.verdict);
  // A short line says too little of it.
  const std::size_t headline_lines =
      height >= 4 || (height >= 3 && width < lead_from_width) ? 2 : 1;
  write(lines, lead_of(word_of(r.verdict), ink, width), r.headline, width, headline_lines,
        render::ink::bold);
  const bool is_fine =
      r.findings.empty() || r.findings.front().severity == diagnosis::severity::info;
  if (is_fine) return lines;
  const auto& f = r.findings.front();
  const auto add = [&](std::string_view word, std::string_view text) {
    if (text.empty()) return;
    write(lines, lead_of(word, render::ink::dim, width), text, width, 1, render::ink::plain);
  };
  // In little room what to do comes before how one knows, and that before what comes next.
  if (height > headline_lines + 1) add("proof", proof_of(f, width - std::min(width, lead + 1)));
  if (height > headline_lines + 2) add("next", first_sentence(f.forecast));
  if (height >= 2 && !f.remedies.empty()) add("do", f.remedies.front().text);
  return lines;
}

}  // namespace waitstate::view
