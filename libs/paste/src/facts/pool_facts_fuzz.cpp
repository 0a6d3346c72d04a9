#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/haproxy_stat.h"
#include "facts/pgbouncer_pools.h"
#include "facts/stub_status.h"
#include "facts/tracked_flow.h"

/// A row of conntrack that is read again from what was read is the same; blanks around a line
/// change nothing; nginx never dropped more than it accepted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  paste::haproxy_stat plain;
  paste::haproxy_stat padded;
  paste::pgbouncer_pools table;
  paste::pgbouncer_pools padded_table;
  paste::stub_status page;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (plain.read(line) != padded.read(" " + std::string(line) + "\t")) std::abort();
    if (plain.pool() != padded.pool()) std::abort();
    if (table.read(line) != padded_table.read(" " + std::string(line) + "\t")) std::abort();
    if (table.pool() != padded_table.pool()) std::abort();
    page.read(line);
    if (page.dropped() > page.accepted().value_or(0)) std::abort();
    const auto flow = paste::read_tracked_flow(line);
    if (!flow) continue;
    const auto& [from, to] = flow->opened;
    const auto again =
        "tcp 6 1 " + std::string(flow->state) + " src=" + tcp::to_string(from.address) +
        " dst=" + tcp::to_string(to.address) + " sport=" + std::to_string(from.port) +
        " dport=" + std::to_string(to.port) + (flow->unreplied ? " [UNREPLIED]" : "");
    const auto read = paste::read_tracked_flow(again);
    if (!read || read->opened != flow->opened || read->state != flow->state) std::abort();
  }
  return 0;
}
