#pragma once

#include <algorithm>
#include <string_view>

namespace waitstate::paste {

/// Hands over each sentence of a line. A full stop within a word ("10.0.0.7", "v1.2") ends none.
template <class Take>
void for_each_sentence(std::string_view line, Take take) {
  while (!line.empty()) {
    auto end = std::min(line.find_first_of(".!?;"), line.size());
    while (end + 1 < line.size() && line[end + 1] != ' ') {
      end = std::min(line.find_first_of(".!?;", end + 1), line.size());
    }
    take(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

}  // namespace waitstate::paste
