#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waitstate::cli {

/// How a page is laid out.
struct page_style {
  std::size_t width = 80;  ///< Columns of paragraphs and lists; less than 40 is taken as 40.
  bool colour = false;     ///< ANSI codes for headings, emphasis and code. Nothing is lost without.
};

/// Markdown as text for a terminal. Paragraphs and list items are wrapped, with a hanging indent;
/// the marks of emphasis and code go away or become colours; code blocks and tables are indented
/// and otherwise left as they are, never wrapped, so that they can be pasted. A comment, which is a
/// line of its own, is left out. Pure.
///
/// It knows what our own documents use: headings, paragraphs, lists, fenced code, tables,
/// `code`, *emphasis* and **strong**. Anything else is text.
[[nodiscard]] std::string terminal_text(std::string_view markdown, const page_style& style);

}  // namespace waitstate::cli
