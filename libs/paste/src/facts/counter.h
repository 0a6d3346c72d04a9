#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waitstate::paste {

/// A counter of the kernel's network stack since boot, by its name in /proc/net/snmp and netstat.
struct counter {
  std::string name;  ///< "TcpExt.ListenOverflows"
  std::uint64_t value = 0;

  friend bool operator==(const counter&, const counter&) = default;
};

/// Reads a line of `nstat` ("TcpExtListenOverflows 12 0.0") or of `netstat -s`, where Linux and BSD
/// write sentences ("1234 times the listen queue of a socket overflowed") and unnamed counters as
/// "TCPTimeWaitOverflow: 5".
[[nodiscard]] std::optional<counter> read_counter(std::string_view line);

/// Reads the two lines of a group in /proc/net/snmp and /proc/net/netstat: names, then values.
[[nodiscard]] std::vector<counter> read_counter_pair(std::string_view names,
                                                     std::string_view values);

}  // namespace waitstate::paste
