#include "waitstate/kernel/list_sockets.h"

#include <optional>

#include "look/socket_lister.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::kernel {

result<listing> list_sockets(const list_options& options,
                             const std::function<void(const listed_socket&)>& sink) {
  const auto& selected = options.selected;
  lister_options wider{.net_namespace = options.net_namespace,
                       .owners = options.owners,
                       .source = options.source,
                       .states = selected.states_to_list(),
                       .progress = options.progress};
  if (wider.net_namespace.empty()) wider.net_namespace = selected.namespaces_to_list();
  // Listeners tell the direction of the others, whether or not they are asked for.
  wider.states.insert(tcp::state::listen);

  listener_index listeners;
  network_namespace here;
  std::optional<tcp::port_range> ephemeral;
  const auto enter = [&](const network_namespace& ns) {
    here = ns;
    ephemeral = ns.ephemeral_range();
  };
  const auto take = [&](const socket_record& s, const process* owner) {
    if (s.state == tcp::state::listen) listeners.add(s.net_namespace, s.flow.local);
    const auto direction = direction_of(s, listeners, ephemeral);
    const socket_surroundings around{
        .owner = owner, .direction = direction, .net_namespace = &here};
    if (!matches(selected, s, around)) return;
    sink({.record = s, .owner = owner, .direction = direction, .net_namespace = here});
  };
  const lister_sinks sinks{.enter = enter, .take = take};
  return socket_lister(wider, sinks, nullptr).run();
}

}  // namespace waitstate::kernel
