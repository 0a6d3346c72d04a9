#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/diagnosis/action.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::diagnosis {

/// A remedy that is an action: its command and what undoes it are rendered from that.
[[nodiscard]] remedy acting(std::string text, action what, std::string risk);

/// Setting a sysctl by hand, with the value that undoes it: the one that was read, or how to read
/// it where it was not. `risk` may be empty.
struct sysctl_change {
  std::uint32_t net_namespace = 0;
  std::string_view key;
  std::string value;
  std::string text;
  std::string risk;
};

/// A value that is not plain is left out of the command, which then is empty: the text has to do.
[[nodiscard]] remedy sysctl_remedy(const snapshot& s, const sysctl_change& change);

/// Adds `ports` to what net.ipv4.ip_local_reserved_ports holds. Where its value was read and is no
/// list of ports, there is no command to paste, and the text says so.
[[nodiscard]] remedy reserve_ports(const snapshot& s, std::uint32_t net_namespace,
                                   const tcp::port_set& ports, std::string text);

}  // namespace waitstate::diagnosis
