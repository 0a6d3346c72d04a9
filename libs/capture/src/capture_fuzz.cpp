#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/capture/read.h"

/// Whatever the bytes are: every socket is in a group, no service has more ends than connections,
/// and an error says what would be readable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto made = capture::read(bytes);
  if (!made) return made.error().hint.empty() ? (std::abort(), 1) : 0;
  std::uint64_t sockets = made->dropped;
  for (const auto& g : made->groups) sockets += g.count;
  if (sockets != made->states().total()) std::abort();
  for (const auto& c : made->captured) {
    if (c.closed_here + c.closed_there + c.refused > c.flows) std::abort();
    if (c.reset_here > c.closed_here || c.reset_there > c.closed_there) std::abort();
    if (c.reset_unread_here + c.reset_unread_there > c.flows) std::abort();
    if (c.half_closed_here + c.half_closed_there > c.flows) std::abort();
  }
  return 0;
}
