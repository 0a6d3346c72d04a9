#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "waitstate/snapshot/connection_pairs.h"

namespace waitstate::render {

/// Lines are as long as they get: for a pipe or a file.
inline constexpr std::size_t any_width = std::numeric_limits<std::size_t>::max();

/// The titles of the columns that to_trace_line() writes, with a line end.
[[nodiscard]] std::string trace_heading(std::size_t width = any_width);

/// A connection that has ended, in one line for a person: when (in the local time zone), who opened
/// it, from where to where, how long it lived, what the first end sent and received, and how it
/// ended. Where the width has no room for columns the same stands in two paragraphs.
[[nodiscard]] std::string to_trace_line(const whole_connection& c, std::size_t width = any_width);

/// How it ended, in words: "curl (pid 812) closed first, then nginx (pid 90)", "refused: nobody
/// listens there". May hold what a process calls itself: not cleaned.
[[nodiscard]] std::string how_it_ended(const whole_connection& c);

}  // namespace waitstate::render
