#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/client_limit.h"
#include "facts/conntrack_counters.h"
#include "facts/counter.h"
#include "facts/exporter_line.h"
#include "facts/host_line.h"
#include "facts/named_number.h"
#include "facts/server_status.h"
#include "facts/spoken_count.h"
#include "facts/totals.h"

/// Counters survive being written as nstat does; totals do not depend on blanks around a line; what
/// a sentence counts is in a state, and workers that are all busy leave none idle.
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
  for (const auto& spoken : paste::read_spoken_counts(line)) {
    if (spoken.sockets < 20 || spoken.state == tcp::state::unknown) std::abort();
  }
  for (const auto& number : paste::read_named_numbers(line)) {
    if (number.name.empty()) std::abort();
  }
  constexpr auto largest = std::uint64_t{1} << 53;
  const auto of_cpu = paste::read_conntrack_counters(line);
  if (of_cpu && (of_cpu->drop > largest || of_cpu->early_drop > largest)) std::abort();
  paste::client_limit limit_of_clients;
  if (limit_of_clients.read(line) && limit_of_clients.clients()) std::abort();  // It takes two.
  paste::server_status status;
  if (status.read(line)) {
    const auto workers = status.workers();
    if (workers && workers->is_out() && workers->idle != 0U) std::abort();
  }
  return 0;
}
