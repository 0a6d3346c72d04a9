// What is read as a member, from JSON or Thrift, is written and read again as the same; a vector's
// weights are finite and not negative, whatever it says.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "serverset/serverset_vector.h"
#include "waitstate/client/zookeeper/serverset_member.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::client;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto member = parse_serverset_member(text)) {
    const auto again = parse_serverset_member(to_json(*member));
    if (!again || *again != *member) std::abort();
  }
  if (const auto vector = parse_serverset_vector(text)) {
    const endpoint at{.host = "a", .port = 1};
    const auto weight = serverset_weight({*vector}, {.node = "member_1", .at = &at, .shard = 1});
    if (weight && !(std::isfinite(*weight) && *weight >= 0)) std::abort();
  }
  return 0;
}
