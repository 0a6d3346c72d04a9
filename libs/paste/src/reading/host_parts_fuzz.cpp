#include "reading/host_parts.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Every byte of the text is in one part, or there are no parts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parts = waitstate::paste::parts_by_host(text);
  std::size_t bytes = 0;
  for (const auto& p : parts) {
    if (p.host.empty()) std::abort();
    bytes += p.text.size();
  }
  if (!parts.empty() && bytes != size) std::abort();
  return 0;
}
