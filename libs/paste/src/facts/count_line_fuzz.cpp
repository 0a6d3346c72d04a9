#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/count_line.h"

/// A count of a state reads the same when it is written again in any of the usual forms.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto c = paste::read_count_line(line);
  if (!c || c->state == tcp::state::unknown) return 0;
  const auto number = std::to_string(c->count);
  const std::string name(tcp::to_string(c->state));
  for (const auto& text : {number + " " + name, name + ": " + number, name + "=" + number}) {
    const auto again = paste::read_count_line(text);
    if (!again || again->count != c->count || to_string(again->state) != name) std::abort();
  }
  return 0;
}
