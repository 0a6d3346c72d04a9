// The counters of two texts, one after the other, are those of each: where a text ends in a
// line end, reading it in two parts at a pair's border changes nothing. No text breaks a reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proc/counters.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view pair = "Tcp: Zz\nTcp: 5\n";

  kernel::counter_map alone;
  kernel::add_counters(alone, text);
  kernel::counter_map followed;
  kernel::add_counters(followed, std::string(text).append("\nUdp: x\n").append(pair));
  alone.insert_or_assign("Tcp.Zz", 5);
  // What the text itself says comes first, so only the pair's own counter may differ.
  if (followed != alone) std::abort();

  socket_totals once;
  kernel::add_sockstat(once, text);
  socket_totals twice = once;
  kernel::add_sockstat(twice, text);
  if (once.in_use && twice.in_use != *once.in_use * 2) std::abort();
  if (twice.time_wait != once.time_wait) std::abort();
  return 0;
}
