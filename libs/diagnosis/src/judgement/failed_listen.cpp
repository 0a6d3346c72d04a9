#include "judgement/failed_listen.h"

#include <algorithm>

#include "judgement/most_first.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

bool may_collide(const snapshot& s, std::uint16_t port, const port_supply& supply) {
  if (port == 0) return !supply.range_assumed && supply.range.low < services_end;
  const bool reserved = !s.namespaces.empty() && s.namespaces[0].reserved_ports().contains(port);
  return supply.range.contains(port) && !reserved;
}

std::uint64_t open_connections(const snapshot& s) {
  auto open = s.states().of(tcp::state::established);
  for (const auto& ns : s.namespaces) {
    open = std::max({open, ns.totals.established.value_or(0), ns.totals.in_use.value_or(0)});
  }
  return open + s.states().of(tcp::state::time_wait);
}

/// Who asks for any port gets one of the range of connect(), and tells a mapper of its own.
bool takes_any_port(const process& p) {
  return p.name.starts_with("rpc.") || p.name == "ypbind" || p.name == "ypserv" ||
         p.name == "beam.smp";
}

void look_at_sockets(const snapshot& s, failed_listen& f) {
  const auto holder = std::ranges::find_if(
      s.listeners, [&](const listener& l) { return f.port != 0 && l.local.port == f.port; });
  if (holder != s.listeners.end()) f.holder = &*holder;
  for (const auto& g : s.groups) {
    const bool here = g.key.local.port == f.port && f.port != 0;
    const bool waits = g.key.state == tcp::state::time_wait;
    if (waits && (here || f.port == 0)) f.time_wait += g.count;
    if (!waits && here) f.open += g.count;
  }
}

}  // namespace

std::vector<failed_listen> failed_listens(const snapshot& s, const port_supply& supply) {
  std::vector<failed_listen> found;
  for (const auto& m : s.messages) {
    const bool is_kept_away = m.kind == message_kind::port_not_permitted;
    // Elsewhere it is a lack of privilege, and nobody has the port.
    if (is_kept_away && system_of(s) != os_family::windows) continue;
    if (!is_kept_away && m.kind != message_kind::address_in_use_on_listen) continue;
    failed_listen f{.said = &m, .port = m.endpoint ? m.endpoint->port : std::uint16_t{0}};
    f.is_in_range = may_collide(s, f.port, supply);
    f.is_kept_away = is_kept_away;
    look_at_sockets(s, f);
    const auto* holds = f.holder == nullptr ? nullptr : s.owner_of(f.holder->owner);
    f.holder_takes_any_port = holds != nullptr && f.is_in_range && takes_any_port(*holds);
    f.wants_any_port = f.port == 0 && open_connections(s) * 10 >= supply.usable() * 9;
    found.push_back(f);
  }
  sort_most_first(found, [](const failed_listen& f) { return f.port != 0; });
  return found;
}

}  // namespace waitstate::diagnosis
