#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// A request about the one socket with this flow, interface and cookie, as sent to the kernel:
/// SOCK_DIAG_BY_FAMILY shows it, SOCK_DESTROY closes it (linux/sock_diag.h). Both are answered by
/// one message: the socket, or NLMSG_ERROR, which is 0 for a socket that was closed.
///
/// The flow of an IPv6 socket that speaks IPv4 is asked for as IPv4: the kernel finds it by that.
[[nodiscard]] std::vector<std::byte> write_single_request(std::uint16_t type,
                                                          std::uint32_t sequence,
                                                          const socket_record& s);

}  // namespace waitstate::kernel
