// The words of any line lie inside it, in order, hold no blank, and miss nothing between them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::paste;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const tokens w(line);
  const char* at = line.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    const auto word = w[i];
    if (word.empty() || word.data() < at || word.data() + word.size() > line.data() + size) {
      std::abort();
    }
    for (; at != word.data(); ++at) {
      if (!is_blank(*at)) std::abort();
    }
    for (; at != word.data() + word.size(); ++at) {
      if (is_blank(*at)) std::abort();
    }
    if (const auto whole = read_state(word); whole && read_cut_state(word) != whole) std::abort();
  }
  return 0;
}
