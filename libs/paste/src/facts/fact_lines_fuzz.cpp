#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/counter.h"
#include "facts/exporter_line.h"
#include "facts/host_line.h"
#include "facts/totals.h"

/// Counters survive being written as nstat does; totals do not depend on blanks around a line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto c = paste::read_counter(line)) {
    auto name = c->name;
    name.erase(name.find('.'), 1);
    if (!(paste::read_counter(name + " " + std::to_string(c->value) + " 0.0") == c)) std::abort();
  }
  paste::totals_reader plain;
  paste::totals_reader padded;
  if (plain.read(line) != padded.read("  " + std::string(line) + " ")) std::abort();
  if (plain.totals().time_wait != padded.totals().time_wait) std::abort();
  host_facts host;
  if (paste::read_host_line(line, host) && host.uptime && host.uptime->count() < 0) std::abort();
  const auto sample = paste::read_exporter_sample(line);
  if (sample && sample->name.empty()) std::abort();
  const auto limit = paste::read_fd_limit(line);
  if (limit && !limit->soft) std::abort();
  return 0;
}
