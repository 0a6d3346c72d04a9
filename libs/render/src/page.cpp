#include "page.h"

namespace waitstate::render {

std::size_t page::room_after(std::size_t indent) const {
  return std::max(width_ > indent ? width_ - indent : 0, narrowest);
}

void page::paragraph(std::string_view lead, ink lead_ink, std::string_view text, ink i) {
  const auto indent = columns(lead);
  bool first = true;
  for (const auto& line : wrap(clean(text), room_after(indent))) {
    text_ += first ? paint_(lead_ink, lead) : std::string(line.empty() ? 0 : indent, ' ');
    text_ += paint_(i, line);
    text_ += '\n';
    first = false;
  }
}

void page::aligned(std::string_view lead, ink lead_ink, std::string_view rest,
                   std::string_view text) {
  const auto indent = columns(lead) + columns(rest);
  bool first = true;
  for (const auto& line : wrap(clean(text), room_after(indent))) {
    if (first) text_.append(paint_(lead_ink, lead)).append(rest);
    if (!first) text_.append(indent, ' ');
    text_.append(line) += '\n';
    first = false;
  }
}

void page::verbatim(std::size_t indent, std::string_view text, ink i) {
  const auto cleaned = clean(text);
  for (const auto line : lines_of(cleaned)) {
    if (!line.empty()) text_.append(indent, ' ').append(paint_(i, line));
    text_ += '\n';
  }
}

void page::line(std::string_view lead, ink lead_ink, std::string_view text) {
  auto cleaned = clean(text);
  std::ranges::replace(cleaned, '\n', ' ');
  text_.append(paint_(lead_ink, lead)).append(cut(cleaned, room_after(columns(lead)))) += '\n';
}

}  // namespace waitstate::render
