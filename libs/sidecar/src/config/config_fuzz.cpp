// Any text is a configuration or an error that says where; one that is read says the same again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waitstate/sidecar/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = waitstate::sidecar::parse_config(text);
  if (!read) return read.error().what.empty() ? __builtin_trap(), 0 : 0;
  for (const auto& r : read->routes) {
    if (r.listen.empty() || r.name.empty()) __builtin_trap();
    for (const auto& front : r.listen) {
      if (waitstate::sidecar::to_string(front).empty()) __builtin_trap();
    }
  }
  return 0;
}
