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

/// What most of the evidence comes to, or the first fact.
std::string proof_of(const diagnosis::finding& f) {
  if (!f.forecast.empty()) return first_sentence(f.forecast);
  if (f.evidence.empty()) return first_sentence(f.cause);
  const auto& e = f.evidence.front();
  return fmt::format("{}: {} ({})", e.fact, e.value, e.source);
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
  const bool is_well =
      r.findings.empty() || r.findings.front().severity == diagnosis::severity::info;
  if (is_well) return lines;
  const auto& f = r.findings.front();
  // In little room what to do comes before how one knows.
  if (height > headline_lines + 1) {
    const auto proof = proof_of(f);
    if (!proof.empty()) {
      write(lines, lead_of("proof", render::ink::dim, width), proof, width, 1, render::ink::plain);
    }
  }
  if (height >= 2 && !f.remedies.empty()) {
    write(lines, lead_of("do", render::ink::dim, width), f.remedies.front().text, width, 1,
          render::ink::plain);
  }
  return lines;
}

}  // namespace waitstate::view
