#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "columns.h"
#include "paint.h"
#include "waitstate/render/text.h"

namespace waitstate::render {

/// Lines of text for a person, laid out in a width. Text is cleaned and wrapped on the way in.
class page {
 public:
  /// Text is never squeezed into fewer columns than this, however deep it stands.
  static constexpr std::size_t narrowest = 16;

  explicit page(const text_style& style)
      : width_(std::max<std::size_t>(style.width, 40)), paint_(style.colour) {}

  void blank() { text_ += '\n'; }

  /// A paragraph. `lead` stands before its first line; the others are indented by as many columns.
  void paragraph(std::string_view lead, ink lead_ink, std::string_view text, ink i = ink::plain);
  void paragraph(std::size_t indent, std::string_view text, ink i = ink::plain) {
    paragraph(std::string(indent, ' '), ink::plain, text, i);
  }

  /// A paragraph whose lead has a second, plain part.
  void aligned(std::string_view lead, ink lead_ink, std::string_view rest, std::string_view text);

  /// As it is, never wrapped: what a person pastes.
  void verbatim(std::size_t indent, std::string_view text, ink i);

  /// One line, cut to the width.
  void line(std::string_view lead, ink lead_ink, std::string_view text);

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  [[nodiscard]] std::size_t room_after(std::size_t indent) const;

  std::size_t width_;
  painter paint_;
  std::string text_;
};

}  // namespace waitstate::render
