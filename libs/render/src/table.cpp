#include "waitstate/render/table.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <functional>
#include <iterator>
#include <numeric>
#include <ranges>
#include <utility>

#include "waitstate/render/clean.h"
#include "waitstate/render/columns.h"

namespace waitstate::render {
namespace {

constexpr std::string_view between = "  ";

/// Columns that are laid out, as one text in one ink.
template <class Columns, class Text>
line line_of(const Columns& columns, ink i, Text text) {
  std::string joined;
  for (const auto& c : columns) {
    if (!joined.empty()) joined += between;
    const auto shown = cut(text(c), c.width);
    joined += c.how.numeric ? right(shown, c.width) : left(shown, c.width);
  }
  joined.erase(joined.find_last_not_of(' ') + 1);
  return {cell_of(std::move(joined), i)};
}

/// What a row says beside its first column: "CLOSE-WAIT, to 10.0.0.9:5432, recv-q 4.0 KiB in 24".
template <class Columns>
std::string rest_of(const Columns& columns, std::size_t row) {
  std::string text;
  for (const auto& c : columns | std::views::drop(1)) {
    if (c.texts[row] == "-") continue;
    if (!text.empty()) text += ", ";
    if (c.how.numeric) {
      std::ranges::transform(c.how.title, std::back_inserter(text),
                             [](unsigned char letter) { return std::tolower(letter); });
      text += ' ';
    }
    text += c.texts[row];
  }
  return text;
}

}  // namespace

void table::add(const table_column& column, std::vector<std::string> texts) {
  assert(columns_.empty() || columns_.front().texts.size() == texts.size());
  const auto says_nothing = [](const std::string& text) { return text == "-"; };
  if (column.may_be_missing && std::ranges::all_of(texts, says_nothing)) return;
  placed_column placed{.how = column, .texts = std::move(texts), .widest = columns(column.title)};
  for (auto& text : placed.texts) {
    text = clean(text);
    std::ranges::replace(text, '\n', ' ');
    placed.widest = std::max(placed.widest, columns(text));
  }
  placed.width = placed.widest;
  columns_.push_back(std::move(placed));
}

void table::fit(std::size_t width) {
  while (this->width() > width && (shrink_widest() || drop_one())) continue;
}

std::vector<line> table::lines() const {
  std::vector<line> lines;
  if (columns_.empty()) return lines;
  lines.push_back(line_of(columns_, ink::bold, [](const auto& c) { return c.how.title; }));
  for (std::size_t row = 0; row < columns_.front().texts.size(); ++row) {
    lines.push_back(line_of(columns_, ink::plain,
                            [row](const auto& c) { return std::string_view(c.texts[row]); }));
  }
  return lines;
}

std::size_t table::width() const {
  const auto gaps = columns_.empty() ? 0 : (columns_.size() - 1) * between.size();
  return std::transform_reduce(columns_.begin(), columns_.end(), gaps, std::plus<>{},
                               [](const placed_column& c) { return c.width; });
}

std::vector<line> table::stacked(std::size_t page_width) const {
  std::vector<line> lines;
  if (columns_.empty()) return lines;
  const auto& first = columns_.front();
  const auto indent = first.widest + between.size();
  for (std::size_t row = 0; row < first.texts.size(); ++row) {
    auto lead = right(first.texts[row], first.widest) + std::string(between);
    for (auto& wrapped :
         wrap(rest_of(columns_, row), page_width - std::min(page_width / 2, indent))) {
      lines.push_back({cell_of(lead), cell_of(std::move(wrapped))});
      lead.assign(indent, ' ');
    }
  }
  return lines;
}

bool table::shrink_widest() {
  placed_column* widest = nullptr;
  for (auto& c : columns_) {
    const bool can = c.how.narrowest > 0 && c.width > c.how.narrowest;
    if (can && (widest == nullptr || c.width > widest->width)) widest = &c;
  }
  if (widest == nullptr) return false;
  --widest->width;
  return true;
}

bool table::drop_one() {
  const auto first = std::ranges::max_element(
      columns_, {}, [](const placed_column& c) { return c.how.droppable; });
  if (first == columns_.end() || first->how.droppable == 0) return false;
  dropped_.push_back(first->how.title);
  columns_.erase(first);
  for (auto& c : columns_) c.width = c.widest;  // room again
  return true;
}

}  // namespace waitstate::render
