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

/// A report as a person reads it: what it comes to; each finding as why, what to do, what else it
/// may be, the proof, and what happens next; what was seen; infos as one line each; what the
/// numbers lack last. The first cause and the first command are at the top. As much of each is
/// shown as makes about a screen of 40 lines, whole sentences and whole remedies; what is left out
/// is counted. Lines are at most `width` columns, except those of commands to paste, which are
/// never broken. Control characters and broken UTF-8 of pasted text are replaced.
[[nodiscard]] std::string to_text(const diagnosis::report& r, const text_style& style);

/// The same in one line, for a chat or a pager: the verdict, the host, what is wrong, how many more
/// findings there are, and the first thing to do. Clean, with a line end.
[[nodiscard]] std::string to_one_line(const diagnosis::report& r);

}  // namespace waitstate::render
