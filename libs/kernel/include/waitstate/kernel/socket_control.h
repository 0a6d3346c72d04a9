#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// Acts on single TCP sockets of one network namespace. A socket is named by its flow and by its
/// cookie: where another one has taken the same four-tuple since it was listed, the kernel finds a
/// cookie that differs, and nothing happens to it. Records without a cookie are refused.
///
/// Between look_up() and destroy() lies a system call, in which the program may begin to use the
/// socket again: it is the same socket, but what was true of it may not be any more.
///
/// Not for use by several threads at once.
class socket_control {
 public:
  /// Opens in a namespace of a listing. Fails with errc::permission where it may not be entered and
  /// with errc::not_found where it has gone.
  [[nodiscard]] static result<socket_control> open(const network_namespace& ns);

  /// The socket as it is now, without owner; nullopt where it has gone. Needs no privilege.
  [[nodiscard]] result<std::optional<socket_record>> look_up(const socket_record& s);

  /// Closes it whoever holds it (SOCK_DESTROY, Linux 4.5): a connection is reset, a TIME-WAIT
  /// forgotten, port and memory are free at once. The descriptor of its owner stays. False where it
  /// had gone by itself. Fails with errc::permission without CAP_NET_ADMIN over the namespace, and
  /// with errc::unsupported where the kernel is built without INET_DIAG_DESTROY.
  [[nodiscard]] result<bool> destroy(const socket_record& s);

 private:
  explicit socket_control(fd netlink) : netlink_(std::move(netlink)) {}
  /// What the kernel answered: a positive errno or 0, and the socket where it shows one.
  struct answer {
    int error = 0;
    std::optional<socket_record> socket;
  };
  [[nodiscard]] result<answer> ask(std::uint16_t type, const socket_record& s);

  fd netlink_;
  std::uint32_t sequence_ = 0;
};

}  // namespace waitstate::kernel
