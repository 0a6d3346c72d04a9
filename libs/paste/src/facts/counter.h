#pragma once

#include <optional>
#include <string_view>

#include "waitstate/procfs/counters.h"

namespace waitstate::paste {

/// Reads a line of `nstat` ("TcpExtListenOverflows 12 0.0") or of `netstat -s`, where Linux and BSD
/// write sentences ("1234 times the listen queue of a socket overflowed") and unnamed counters as
/// "TCPTimeWaitOverflow: 5".
[[nodiscard]] std::optional<procfs::counter> read_counter(std::string_view line);

}  // namespace waitstate::paste
