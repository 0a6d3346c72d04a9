#include "rows/heading_words.h"

#include <cstddef>

namespace waitstate::paste {

bool opens_with(const tokens& words, std::string_view name) {
  for (std::size_t i = 0; i <= 1; ++i) {
    if (words[i].ends_with(name) && is_word_behind_prefix(words[i], name)) return true;
  }
  return false;
}

bool has_queues(std::string_view line) {
  return line.contains("Recv-Q") && line.contains("Send-Q");
}

bool opens_columns_of_netstat(std::string_view line) {
  const tokens words(line);
  return opens_with(words, "Proto") && words.size() >= 4 &&
         (line.contains("   ") || line.contains('\t'));
}

}  // namespace waitstate::paste
