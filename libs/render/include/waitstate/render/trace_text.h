#pragma once

#include <string>

#include "waitstate/snapshot/connection_pairs.h"

namespace waitstate::render {

/// The titles of the columns that to_trace_line() writes, with a line end.
[[nodiscard]] std::string trace_heading();

/// A connection that has ended, in one line for a person: when (in the local time zone), who opened
/// it, from where to where, how long it lived, what the first end sent and received, and how it
/// ended.
[[nodiscard]] std::string to_trace_line(const whole_connection& c);

/// How it ended, in words: "curl (pid 812) closed first, then nginx (pid 90)", "refused: nobody
/// listens there". May hold what a process calls itself: not cleaned.
[[nodiscard]] std::string how_it_ended(const whole_connection& c);

}  // namespace waitstate::render
