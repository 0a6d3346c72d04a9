#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/snapshot/socket_selector.h"

/// A selection that was read is written as something that reads as the same; one that was refused
/// says why and what to type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_selector(text);
  if (!read) {
    if (read.error().what.empty() || read.error().hint.empty()) std::abort();
    return 0;
  }
  const auto written = to_text(*read);
  const auto again = parse_selector(written);
  if (!again || !(*again == *read) || to_text(*again) != written) std::abort();
  if (written.empty() != (*read == socket_selector())) std::abort();
  return 0;
}
