#include "waitstate/kernel/list_sockets.h"

#include <optional>

#include "look/socket_lister.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::kernel {

result<listing> list_sockets(const list_options& options,
                             const std::function<void(const listed_socket&)>& sink) {
  // Listeners tell the direction of the others, whether or not they are asked for.
  auto wider = options;
  wider.states.insert(tcp::state::listen);
  listener_index listeners;
  network_namespace here;
  std::optional<tcp::port_range> ephemeral;

  const lister_sinks sinks{.enter =
                               [&](const network_namespace& ns) {
                                 here = ns;
                                 ephemeral = ns.ephemeral_range();
                               },
                           .take =
                               [&](const socket_record& s, const process* owner) {
                                 if (s.state == tcp::state::listen)
                                   listeners.add(s.net_namespace, s.flow.local);
                                 if (!options.states.contains(s.state)) return;
                                 sink({.record = s,
                                       .owner = owner,
                                       .direction = direction_of(s, listeners, ephemeral),
                                       .net_namespace = here});
                               }};
  return socket_lister(wider, sinks, nullptr).run();
}

}  // namespace waitstate::kernel
