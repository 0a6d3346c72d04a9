#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// What became of a socket that was to be closed.
enum class destroyed : std::uint8_t {
  closed_under_lock,  ///< As it had been judged.
  closed,             ///< By SOCK_DESTROY.
  gone,               ///< It had ended by itself.
  changed,            ///< It was used since it was judged, and lives on.
};

/// Acts on single TCP sockets of one network namespace. A socket is named by its flow and by its
/// cookie: where another one has taken the same four-tuple since it was listed, the kernel finds a
/// cookie that differs, and nothing happens to it. Records without a cookie are refused.
///
/// Not for use by several threads at once.
class socket_control {
 public:
  /// So many are closed at once where they are closed under their locks.
  static constexpr std::size_t at_once_max = 256;

  /// Opens in a namespace of a listing. With `kernel_source::automatic` sockets are closed by BPF
  /// where that loads, else by SOCK_DESTROY. Fails with errc::permission where it may not be
  /// entered, with errc::not_found where it has gone, and where BPF is demanded and does not load.
  [[nodiscard]] static result<socket_control> open(const network_namespace& ns,
                                                   kernel_source source = kernel_source::automatic);
  ~socket_control();
  socket_control(socket_control&&) noexcept;
  socket_control& operator=(socket_control&&) noexcept;
  socket_control(const socket_control&) = delete;
  socket_control& operator=(const socket_control&) = delete;

  /// Does the kernel compare a socket with what it was judged by and close it under one lock
  /// (bpf_sock_destroy, Linux 6.5)? Else a system call lies between look_up() and the close, in
  /// which its program may begin to use it again.
  [[nodiscard]] bool is_under_lock() const { return closer_ != nullptr; }

  /// The socket as it is now, without owner; nullopt where it has gone. Needs no privilege.
  [[nodiscard]] result<std::optional<socket_record>> look_up(const socket_record& s);

  /// Closes sockets whoever holds them: a connection is reset, a TIME-WAIT forgotten, port and
  /// memory are free at once. The descriptor of its owner stays. `judged` are as look_up() told; at
  /// most `at_once_max`, and best one at a time where it is not under lock: with BPF each call
  /// passes once over all sockets of the namespace. The answers are in their order. Fails with
  /// errc::permission without CAP_NET_ADMIN over the namespace, and with errc::unsupported where
  /// the kernel is built without INET_DIAG_DESTROY.
  [[nodiscard]] std::vector<result<destroyed>> destroy(std::span<const socket_record> judged);

 private:
  struct closer;
  struct requests;
  socket_control(std::unique_ptr<requests> asked, std::unique_ptr<closer> closing);
  /// By SOCK_DESTROY (Linux 4.5).
  [[nodiscard]] result<destroyed> request_end_of(const socket_record& s);
  /// The same of one that a pass did not meet, or that has no lock, if it is still as it was.
  [[nodiscard]] result<destroyed> request_end_if_same(const socket_record& judged);

  std::unique_ptr<requests> requests_;
  std::unique_ptr<closer> closer_;  ///< Null where there is none.
};

}  // namespace waitstate::kernel
