#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "waitstate/snapshot/host_facts.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate {

/// The ports that connect() chooses from, as each system has and names them. Here only: who wants
/// to know a range asks network_namespace::ephemeral_range() first, and this where it has none.

/// The range of a system that nobody changed:
///   32768-60999   Linux, and where the system is not known
///   10000-65535   FreeBSD
///   1024-49151    OpenBSD
///   49152-65535   Windows since Vista, macOS, NetBSD and the like (RFC 6335)
[[nodiscard]] tcp::port_range default_ephemeral_range(os_family os);

/// Settings by name, as network_namespace::sysctls.
using setting_map = std::map<std::string, std::string, std::less<>>;

/// The range that settings name; nothing where they name none that makes sense. Of several systems'
/// settings, which are never on one host, the first counts:
///   net.ipv4.ip_local_port_range                               Linux
///   net.inet.ip.portrange.first, .last (65535 when not seen)   FreeBSD, macOS
///   net.inet.ip.portfirst, portlast                            OpenBSD
///   net.inet.ip.anonportmin, anonportmax                       NetBSD
///   DynamicPortStart, DynamicPortCount                         Windows: netsh ... show dynamicport
///   MaxUserPort                                                Windows before Vista: 1025 to it
[[nodiscard]] std::optional<tcp::port_range> configured_ephemeral_range(
    const setting_map& settings);

/// net.ipv4.ip_local_reserved_ports: what connect() never chooses. Empty where it was not seen, and
/// on systems that have no such setting.
[[nodiscard]] tcp::port_set configured_reserved_ports(const setting_map& settings);

}  // namespace waitstate
