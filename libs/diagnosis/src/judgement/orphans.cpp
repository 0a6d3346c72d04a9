#include "judgement/orphans.h"

#include <algorithm>

#include "words/finding_text.h"

namespace waitstate::diagnosis {

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
