// Any text either is no endpoint, or survives a round trip unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/tcp/endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::tcp;
  const auto first = parse_endpoint({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const auto again = parse_endpoint(to_string(*first));
  if (!again || *again != *first) std::abort();
  return 0;
}
