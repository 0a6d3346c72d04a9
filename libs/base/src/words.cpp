#include "waitstate/base/words.h"

#include <algorithm>

namespace waitstate {

std::string quotable(std::string_view text, std::size_t length_max) {
  std::string out(text.substr(0, length_max));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > length_max) out += "...";
  return out;
}

}  // namespace waitstate
