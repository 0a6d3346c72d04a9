#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "waitstate/view/screen.h"

namespace waitstate::view {

/// A frame as it is kept in testing/frames: its text with "|" at both ends of each line, so that
/// what is wider than its terminal is seen. WAITSTATE_WRITE_FRAMES=1 writes the file anew.
inline std::string kept_frame(const std::string& name, const std::string& now) {
  const auto path = std::string(WAITSTATE_FRAMES) + "/" + name + ".txt";
  if (std::getenv("WAITSTATE_WRITE_FRAMES") != nullptr) std::ofstream(path) << now;
  std::ostringstream kept;
  kept << std::ifstream(path).rdbuf();
  return kept.str();
}

inline std::string bordered(const frame& f) {
  std::string text;
  for (const auto& row : f.rows) {
    text += row.is_selected ? '>' : '|';
    for (const auto& c : row.cells) text += c.text;
    text += "|\n";
  }
  return text;
}

inline key letter(const std::string& text) {
  return {.kind = key_kind::text, .text = text};
}

}  // namespace waitstate::view
