#include "waitstate/render/page.h"

#include <iterator>

#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"

namespace waitstate::render {

std::size_t page::room_after(std::size_t indent) const {
  return std::max(width_ > indent ? width_ - indent : 0, narrowest);
}

void page::paragraph(std::string_view lead, ink lead_ink, std::string_view text, ink i) {
  const auto indent = columns(lead);
  bool first = true;
  for (auto& wrapped : wrap(clean(text), room_after(indent))) {
    auto& l = lines_.emplace_back();
    if (first) {
      l.push_back(cell_of(std::string(lead), lead_ink));
    } else if (!wrapped.empty()) {
      l.push_back(cell_of(std::string(indent, ' ')));
    }
    l.push_back(cell_of(std::move(wrapped), i));
    first = false;
  }
}

void page::aligned(std::string_view lead, ink lead_ink, std::string_view rest,
                   std::string_view text) {
  const auto indent = columns(lead) + columns(rest);
  bool first = true;
  for (auto& wrapped : wrap(clean(text), room_after(indent))) {
    auto& l = lines_.emplace_back();
    if (first) {
      l.push_back(cell_of(std::string(lead), lead_ink));
      l.push_back(cell_of(std::string(rest)));
    } else {
      l.push_back(cell_of(std::string(indent, ' ')));
    }
    l.push_back(cell_of(std::move(wrapped)));
    first = false;
  }
}

void page::verbatim(std::size_t indent, std::string_view text, ink i) {
  const auto cleaned = clean(text);
  for (const auto pasted : lines_of(cleaned)) {
    auto& l = lines_.emplace_back();
    if (pasted.empty()) continue;
    l.push_back(cell_of(std::string(indent, ' ')));
    l.push_back(cell_of(std::string(pasted), i));
  }
}

void page::add(std::vector<line> lines) {
  std::ranges::move(lines, std::back_inserter(lines_));
}

}  // namespace waitstate::render
