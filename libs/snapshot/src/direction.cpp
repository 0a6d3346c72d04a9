#include "waitstate/snapshot/direction.h"

#include "waitstate/base/names.h"

namespace waitstate {
namespace {

std::uint64_t slot(std::uint32_t net_namespace, std::uint16_t port) {
  return (std::uint64_t{net_namespace} << 16) | port;
}

}  // namespace

std::string_view to_string(direction d) {
  switch (d) {
    case direction::unknown: return "unknown";
    case direction::outbound: return "outbound";
    case direction::inbound: return "inbound";
  }
  return "unknown";
}

std::optional<direction> parse_direction(std::string_view name) {
  return named_in(all_directions, name);
}

void listener_index::add(std::uint32_t net_namespace, const tcp::endpoint& local) {
  if (count_ >= listeners_max) return;
  auto& port = ports_[slot(net_namespace, local.port)];
  if (local.address.is_unspecified() || !local.address.is_known()) {
    port.takes_any_address = true;
  } else {
    port.addresses.insert(local.address);
  }
  ++count_;
}

bool listener_index::accepts(std::uint32_t net_namespace, const tcp::endpoint& local) const {
  const auto found = ports_.find(slot(net_namespace, local.port));
  if (found == ports_.end()) return false;
  return found->second.takes_any_address || found->second.addresses.contains(local.address);
}

direction direction_of(const socket_record& s, const listener_index& listeners,
                       const std::optional<tcp::port_range>& range) {
  const auto& [local, remote] = s.flow;
  if (listeners.accepts(s.net_namespace, local)) return direction::inbound;

  const bool same_host = remote.address.is_loopback() || remote.address == local.address;
  if (same_host && listeners.accepts(s.net_namespace, remote)) return direction::outbound;

  if (!range || local.port == 0 || remote.port == 0) return direction::unknown;
  const bool local_ephemeral = range->contains(local.port);
  const bool remote_ephemeral = range->contains(remote.port);
  if (local_ephemeral == remote_ephemeral) return direction::unknown;
  return local_ephemeral ? direction::outbound : direction::inbound;
}

}  // namespace waitstate
