#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// What one datagram of a sock_diag dump held besides its sockets.
struct datagram_summary {
  std::uint64_t sockets = 0;     ///< Handed to the sink.
  std::uint64_t unreadable = 0;  ///< Messages that break their own format.
  bool done = false;             ///< NLMSG_DONE: the dump is over.
  bool incomplete = false;       ///< Something is missing: NLM_F_DUMP_INTR, NLMSG_OVERRUN, a cut.
  int error = 0;                 ///< A positive errno that the kernel answered with, or 0.

  friend bool operator==(const datagram_summary&, const datagram_summary&) = default;
};

/// Takes one socket. The record is the reader's: it may be filled in, and is used again.
using socket_sink = std::function<void(socket_record&)>;

/// Reads one datagram of an inet_diag dump (linux/inet_diag.h) and hands each TCP socket to `sink`.
/// Pure: bytes in, records out; any bytes are safe.
///
///     nlmsghdr | inet_diag_msg (72 bytes) | nlattr ...   repeated, each aligned to 4
///
/// Messages with a sequence number other than `sequence` are leftovers of an earlier request and
/// are passed over. Records have no namespace and no owner yet. The uid and inode of TIME-WAIT
/// and other sockets without a struct socket are the constant 0 and say nothing (kernel.md 3.2):
/// where the inode is 0 the record has no uid. A socket that is only bound comes as CLOSE and
/// leaves as bound_inactive.
[[nodiscard]] datagram_summary read_inet_diag(std::span<const std::byte> datagram,
                                              std::uint32_t sequence, const socket_sink& sink);

}  // namespace waitstate::kernel
