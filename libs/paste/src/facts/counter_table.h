#pragma once

#include <string_view>
#include <vector>

#include "waitstate/procfs/counters.h"

namespace waitstate::paste {

/// Reads a line of `netstat -s` of Windows or Solaris, which write counters as a table; by the
/// names that Linux has for them. Those that mean nothing here are left out.
///     Active Opens                        = 4711
///     tcpActiveOpens      =  4711     tcpPassiveOpens     =   123
[[nodiscard]] std::vector<procfs::counter> read_counter_table(std::string_view line);

/// What the heading of such a table is of. Windows counts IPv4 and IPv6 apart, in one table each.
enum class counter_heading {
  none,
  first,  ///< The counters that follow are the first.
  more,   ///< They are of another family, and add to those before.
};
[[nodiscard]] counter_heading read_counter_heading(std::string_view line);

}  // namespace waitstate::paste
