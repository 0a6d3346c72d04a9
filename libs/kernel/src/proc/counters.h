#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "waitstate/snapshot/host_facts.h"

namespace waitstate::kernel {

/// By full name: "Tcp.ActiveOpens", "TcpExt.ListenOverflows".
using counter_map = std::map<std::string, std::uint64_t, std::less<>>;

/// Adds the Tcp and TcpExt counters of a text in the form of /proc/net/snmp and /proc/net/netstat:
/// pairs of lines, names and then values, both with the same prefix. Values below zero
/// (Tcp.MaxConn is -1) and other prefixes are left out. Any text is safe.
void add_counters(counter_map& to, std::string_view text);

/// Adds what /proc/net/sockstat or sockstat6 says of TCP. `in_use` adds up over both.
void add_sockstat(socket_totals& to, std::string_view text);

}  // namespace waitstate::kernel
