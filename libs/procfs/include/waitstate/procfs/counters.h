#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace waitstate::procfs {

/// A counter of the kernel's network stack since boot, by its group and name in /proc/net/snmp and
/// /proc/net/netstat.
struct counter {
  std::string name;  ///< "TcpExt.ListenOverflows"
  std::uint64_t value = 0;

  friend bool operator==(const counter&, const counter&) = default;
};

/// Reads the two lines of a group in these files: names, then values, both behind the same word and
/// a colon. Values below zero (Tcp.MaxConn is -1) and what is no name are left out; so are
/// names without a value. Nothing where the lines are no pair. Any text is safe.
[[nodiscard]] std::vector<counter> read_counter_pair(std::string_view names,
                                                     std::string_view values);

/// By full name: "Tcp.ActiveOpens", "TcpExt.ListenOverflows".
using counter_map = std::map<std::string, std::uint64_t, std::less<>>;

/// Adds the Tcp and TcpExt counters of a whole file. A later pair of a group is the one that
/// counts.
void add_counters(counter_map& to, std::string_view text);

}  // namespace waitstate::procfs
