#pragma once

#include <cstddef>
#include <string>

#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

/// How text is laid out for a person.
struct text_style {
  std::size_t width = 100;  ///< Columns; less than 40 is taken as 40.
  bool colour = false;      ///< ANSI colours. Without them nothing is lost.
  bool verbose = false;     ///< All evidence and every remedy in full.
};

/// A report as a person reads it: what it comes to, what was seen, then each finding as proof, why,
/// what happens next and what to do; infos as one line each; what the numbers lack last. About a
/// screen for one or two findings. Lines are at most `width` columns, except those of commands to
/// paste, which are never broken. Control characters and broken UTF-8 of pasted text are replaced.
[[nodiscard]] std::string to_text(const diagnosis::report& r, const text_style& style);

}  // namespace waitstate::render
