#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "netlink/inet_diag_message.h"
#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"
#include "waitstate/tcp/state_set.h"

namespace waitstate::kernel {

/// Which sockets a dump gives.
enum class ip_family : std::uint8_t {
  v4,
  v6,
  both,  ///< In one pass over the kernel's hash table instead of two; see dump_request.
};

struct dump_request {
  /// `both` uses the older TCPDIAG_GETSOCK request, which has no family, and makes two requests
  /// where the kernel does not know it any more; the others use SOCK_DIAG_BY_FAMILY.
  ip_family family = ip_family::both;
  tcp::state_set states;
  /// INET_DIAG_INFO: times of the last data and ACK. The kernel locks each socket for it.
  bool with_info = false;
};

/// The request's bytes, as sent to the kernel.
[[nodiscard]] std::vector<std::byte> write_request(const dump_request& request,
                                                   std::uint32_t sequence);

/// How a dump went. Nothing of it is fatal: what is lacking is counted.
struct dump_outcome {
  std::uint64_t sockets = 0;     ///< Handed to the sink, repeats after a restart among them.
  std::uint64_t unreadable = 0;  ///< Messages that broke their own format.
  unsigned restarts = 0;         ///< The kernel lost or cut a part and the dump was begun anew.
  bool incomplete = false;       ///< Some part is still missing after the last restart.
};

/// A netlink socket that lists the TCP sockets of the network namespace it was opened in, whoever
/// asks later and from whichever thread. Not for use by several threads at once. Needs no
/// privilege.
class sock_diag {
 public:
  /// Opens in the calling thread's network namespace. Fails where the kernel has no inet_diag.
  [[nodiscard]] static result<sock_diag> open();

  /// Dumps what is asked for. A dump of which the kernel lost a part (ENOBUFS, NLM_F_DUMP_INTR, a
  /// cut or late datagram) is begun anew, a bounded number of times: `sink` then sees sockets
  /// again and drops them by their cookies. Fails when the kernel refuses the request.
  [[nodiscard]] result<dump_outcome> dump(const dump_request& request, const socket_sink& sink);

 private:
  sock_diag() = default;
  [[nodiscard]] result<dump_outcome> dump_one(const dump_request& request, const socket_sink& sink);
  [[nodiscard]] result<datagram_summary> receive(std::uint32_t sequence, const socket_sink& sink);
  [[nodiscard]] result<bool> attempt(const dump_request& request, const socket_sink& sink,
                                     dump_outcome& outcome);

  // A restart takes the next socket, since the kernel finishes one dump before it begins another
  // on the same one. They are opened early, when the thread is in the right namespace.
  static constexpr std::size_t sockets_max = 4;
  std::array<fd, sockets_max> sockets_;
  std::size_t current_ = 0;
  std::uint32_t sequence_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace waitstate::kernel
