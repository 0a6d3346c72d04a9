#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/render/cells.h"
#include "waitstate/render/ink.h"

namespace waitstate::render {

/// Lines of cells for a person, laid out in a width. Text is cleaned and wrapped on the way in, so
/// it may be from anywhere.
class page {
 public:
  /// Text is never squeezed into fewer columns than this, however deep it stands.
  static constexpr std::size_t narrowest = 16;

  /// `width` is in columns; less than 40 is taken as 40.
  explicit page(std::size_t width) : width_(std::max<std::size_t>(width, 40)) {}

  void blank() { lines_.emplace_back(); }

  /// A paragraph. `lead` stands before its first line; the others are indented by as many columns.
  void paragraph(std::string_view lead, ink lead_ink, std::string_view text, ink i = ink::plain);
  void paragraph(std::size_t indent, std::string_view text, ink i = ink::plain) {
    paragraph(std::string(indent, ' '), ink::plain, text, i);
  }

  /// A paragraph whose lead has a second, plain part.
  void aligned(std::string_view lead, ink lead_ink, std::string_view rest, std::string_view text);

  /// As it is, never wrapped: what a person pastes.
  void verbatim(std::size_t indent, std::string_view text, ink i);

  /// Lines that are laid out already, such as a table's.
  void add(std::vector<line> lines);

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// How many lines it has.
  [[nodiscard]] std::size_t height() const { return lines_.size(); }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::vector<line> take() { return std::move(lines_); }

 private:
  [[nodiscard]] std::size_t room_after(std::size_t indent) const;

  std::size_t width_;
  std::vector<line> lines_;
};

}  // namespace waitstate::render
