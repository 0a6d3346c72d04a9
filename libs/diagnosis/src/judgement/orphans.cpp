#include "judgement/orphans.h"

#include <algorithm>

#include "words/finding_text.h"

namespace waitstate::diagnosis {

namespace {

/// What its program has closed and the kernel still sends: orphans, but for the few that were only
/// shut for writing.
void count_by_states(const snapshot& s, orphans& found) {
  const auto states = s.states();
  found.count = states.of(tcp::state::fin_wait_1) + states.of(tcp::state::closing) +
                states.of(tcp::state::last_ack);
  found.sockets = states.total() - states.of(tcp::state::time_wait);
}

}  // namespace

orphans orphans_of(const snapshot& s) {
  // One number for the host; a paste may have the limit with the namespace's settings.
  constexpr std::string_view setting = "net.ipv4.tcp_max_orphans";
  orphans found{.said = message_of(s, message_kind::too_many_orphans)};
  std::int64_t most = s.host.sysctl(setting).value_or(0);
  for (const auto& ns : s.namespaces) {
    most = std::max(most, ns.sysctl(setting).value_or(0));
    found.sockets = std::max(found.sockets, ns.totals.in_use.value_or(0));
    found.reset = std::max(found.reset, ns.counter("TcpExt.TCPAbortOnMemory").value_or(0));
    found.opened = std::max(found.opened, ns.counter("Tcp.ActiveOpens").value_or(0) +
                                              ns.counter("Tcp.PassiveOpens").value_or(0));
    found.count = std::max(found.count, ns.totals.orphan.value_or(0));
    // `ss -s` counts those that are open, and orphans besides.
    found.sockets = std::max(found.sockets, ns.totals.established.value_or(0) + found.count);
  }
  if (most > 0) found.most = static_cast<std::uint64_t>(most);
  if (found.count == 0 && s.source == source_kind::pasted) count_by_states(s, found);
  return found;
}

bool explains(const orphans& o, const message& said, const tcp_memory_use& memory) {
  if (memory.is_pressed()) return false;
  // Kernels that tell the two apart say "TCP: out of memory" of memory.
  const bool is_of_either = said.text.contains("ut of socket memory");
  if (is_of_either && o.are_many() && memory.has_room()) return true;
  return o.is_near() || (o.said != nullptr && o.said->count >= said.count);
}

}  // namespace waitstate::diagnosis
