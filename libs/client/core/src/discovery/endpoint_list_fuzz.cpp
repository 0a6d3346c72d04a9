// Any text either is no list, or survives a round trip unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/client/core/endpoint_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::client;
  const auto first = parse_endpoint_list({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const auto again = parse_endpoint_list(to_text(*first));
  if (!again || *again != *first) std::abort();
  return 0;
}
