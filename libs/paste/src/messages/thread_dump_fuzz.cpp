#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "messages/goroutine_profile.h"
#include "messages/lock_wait.h"

/// What a thread waits for is a part of its line, or a constant; blanks around the line change
/// nothing; no more goroutines wait than the headings of their stacks count.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::paste;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  goroutine_profile profile;
  std::uint64_t lines = 0;
  std::uint64_t told = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++lines;
    profile.read(line);
    if (profile.found() && ++told > lines) std::abort();
    const auto padded = std::string("  ").append(line).append(" ");
    if (lock_waited_for(line) != lock_waited_for(padded)) std::abort();
    if (lease_waited_for(line) != lease_waited_for(padded)) std::abort();
    if (lock_waited_for(line).size() > line.size() + 32) std::abort();
  }
  return 0;
}
