#pragma once

#include <string>
#include <string_view>

#include "waitstate/diagnosis/report.h"

/// For the test and the fuzz target that hold: nothing of a paste reaches a command line but what
/// was parsed.
namespace waitstate::cli {

/// What no command, undo or hint of ours holds by itself.
inline constexpr std::string_view paste_mark = "zqz";

/// The text with the mark behind each byte that means something to a shell or a configuration file:
/// where the mark turns up, such a byte came out of the paste.
inline std::string marked(std::string_view text) {
  constexpr std::string_view meaningful = "$`;|&<>()'\"\\!*?{}";
  std::string out;
  for (const char c : text) {
    out.push_back(c);
    if (meaningful.contains(c)) out += paste_mark;
  }
  return out;
}

/// The first line to be pasted that holds the mark, or empty.
inline std::string marked_command_of(const diagnosis::report& report) {
  for (const auto& f : report.findings) {
    for (const auto& r : f.remedies) {
      if (r.command.contains(paste_mark)) return r.command;
      if (r.undo.contains(paste_mark)) return r.undo;
    }
  }
  for (const auto& l : report.limits) {
    if (l.hint.contains(paste_mark)) return l.hint;
  }
  return {};
}

}  // namespace waitstate::cli
