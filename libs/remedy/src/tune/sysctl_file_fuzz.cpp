#include "waitstate/remedy/tune/sysctl_file.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

/// A line that was read is written as one that reads as the same, what could not be read says why,
/// and what a boot would set a key to is the value of a line about it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::remedy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sysctl_file file{.path = "f", .said = parse_sysctl(text, 200)};
  for (const auto& line : file.said.lines) {
    auto again = parse_sysctl(to_string(line));
    if (again.lines.size() != 1 || !again.unread.empty()) std::abort();
    again.lines.front().number = line.number;
    if (!(again.lines.front() == line)) std::abort();
    if (line.is_pattern) continue;
    const auto set = set_at_boot({&file, 1}, line.key);
    const auto about = lines_about({&file, 1}, line.key);
    if (set && about.empty()) std::abort();
    if (line.value && !set && about.empty()) std::abort();
  }
  for (const auto& line : file.said.unread) {
    if (line.why.empty() || line.number == 0) std::abort();
  }
  return 0;
}
