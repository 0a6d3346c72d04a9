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
  }
  if (most > 0) found.most = static_cast<std::uint64_t>(most);
  return found;
}

bool explains(const orphans& o, const message& said, bool memory_is_pressed) {
  if (memory_is_pressed) return false;
  return o.is_near() || (o.said != nullptr && o.said->count >= said.count);
}

}  // namespace waitstate::diagnosis
