// The counters of two texts, one after the other, are those of each: where a text ends in a
// line end, reading it in two parts at a pair's border changes nothing. No text breaks a reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "waitstate/procfs/counters.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view pair = "Tcp: Zz\nTcp: 5\n";

  procfs::counter_map alone;
  procfs::add_counters(alone, text);
  procfs::counter_map followed;
  procfs::add_counters(followed, std::string(text).append("\nUdp: x\n").append(pair));
  alone.insert_or_assign("Tcp.Zz", 5);
  // What the text itself says comes first, so only the pair's own counter may differ.
  if (followed != alone) std::abort();

  const auto half = size / 2;
  for (const auto& c : procfs::read_counter_pair(text.substr(0, half), text.substr(half))) {
    if (!c.name.contains('.')) std::abort();
  }
  return 0;
}
