#include "text/page_marks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {
namespace {

struct entity {
  std::string_view name;
  char means;
};
constexpr std::array entities{entity{"&gt;", '>'},   entity{"&lt;", '<'},   entity{"&nbsp;", ' '},
                              entity{"&quot;", '"'}, entity{"&#39;", '\''}, entity{"&amp;", '&'}};

/// Those that stand between rows and cells, or around them. "<ip>" is a mask.
bool is_tag(std::string_view inside) {
  constexpr std::string_view names[] = {"br",   "td", "tr",  "th",   "table", "tbody", "pre",
                                        "code", "p",  "div", "span", "li",    "b",     "strong"};
  if (inside.starts_with('/')) inside.remove_prefix(1);
  const auto name = inside.substr(0, inside.find_first_of(" /"));
  return std::ranges::find(names, lower(name)) != std::end(names);
}

/// How much of the text is a tag; 0 where it begins with none.
std::size_t tag_length(std::string_view text) {
  constexpr std::size_t tag_max = 128;  // With a style or a class.
  const auto end = text.substr(0, tag_max).find('>');
  if (end == std::string_view::npos || !is_tag(text.substr(1, end - 1))) return 0;
  return end + 1;
}

std::string without_html(std::string_view line) {
  std::string plain;
  plain.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    const auto rest = line.substr(at);
    if (rest[0] == '<') {
      if (const auto length = tag_length(rest); length > 0) {
        plain.push_back(' ');
        at += length;
        continue;
      }
    }
    const auto* const found =
        std::ranges::find_if(entities, [&](const entity& e) { return rest.starts_with(e.name); });
    plain.push_back(found == entities.end() ? rest[0] : found->means);
    at += found == entities.end() ? 1 : found->name.size();
  }
  return plain;
}

/// Do `marks` part the text into cells of which one is a state, and several stand around it?
bool has_state_cell(std::string_view text, char mark) {
  constexpr std::ptrdiff_t marks_min = 3;
  if (std::ranges::count(text, mark) < marks_min) return false;
  constexpr std::string_view around = " \t\"'*`";
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(mark, at), text.size());
    auto cell = text.substr(at, end - at);
    const auto first = cell.find_first_not_of(around);
    if (first != std::string_view::npos) {
      cell = cell.substr(first, cell.find_last_not_of(around) - first + 1);
      if (tcp::parse_state(cell)) return true;
    }
    at = end + 1;
  }
  return false;
}

bool is_markdown_row(std::string_view line) {
  const auto text = trimmed(line);
  return text.size() > 2 && text.front() == '|' && text.back() == '|' && has_state_cell(text, '|');
}

/// The words of a CSV file stand close together.
bool is_csv_row(std::string_view line) {
  const auto text = trimmed(line);
  return text.find_first_of(" |") == std::string_view::npos && text.contains(':') &&
         has_state_cell(text, ',');
}

}  // namespace

std::string_view without_page_marks(std::string_view line, std::string& scratch) {
  const bool may_have_html = line.contains('&') || line.contains('<');
  std::string plain;
  if (may_have_html) {
    plain = without_html(line);
    if (plain.size() < line.size()) line = plain;
  }
  const bool bars = line.contains('|') && is_markdown_row(line);
  const bool commas = !bars && line.contains(',') && is_csv_row(line);
  if (!bars && !commas) {
    if (line.data() != plain.data()) return line;
    scratch = std::move(plain);
    return scratch;
  }
  std::string parted(line);
  for (char& c : parted) {
    if ((bars && (c == '|' || c == '*' || c == '`')) || (commas && (c == ',' || c == '"'))) c = ' ';
  }
  scratch = std::move(parted);
  return scratch;
}

}  // namespace waitstate::paste
