#include "waitstate/base/words.h"

#include <algorithm>
#include <cstddef>

namespace waitstate {
namespace {

constexpr std::size_t quoted_max = 100;  // a line of a log, with room for what is said about it

}  // namespace

std::string quotable(std::string_view text) {
  std::string out(text.substr(0, quoted_max));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > quoted_max) out += "...";
  return out;
}

}  // namespace waitstate
