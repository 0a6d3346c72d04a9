#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "commands/command.h"
#include "commands/typed_command.h"

/// What is typed lies within the line, and a command's parts agree with each other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::paste;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto typed = typed_command(line);
  if (typed && (typed->data() < line.data() || typed->end() > line.end() || typed->empty())) {
    std::abort();
  }
  const auto c = parse_command(typed.value_or(line));
  if (c.counts_distinct && !c.counts_lines) std::abort();
  if (c.pid < 0) std::abort();
  if (c.interval && c.interval->count() <= 0) std::abort();
  if (c.port == 0 && c.port_end != connection_end::either) std::abort();
  if (!(c == parse_command(typed.value_or(line)))) std::abort();
  return 0;
}
