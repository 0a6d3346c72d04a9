#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "look/netns.h"
#include "waitstate/base/result.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// Closes sockets by a program in the kernel (bpf_sock_destroy, Linux 6.5), which holds the lock of
/// each while it compares it with what it was judged by and closes it. Not for use by several
/// threads at once.
class bpf_closer {
 public:
  /// Of one pass.
  static constexpr std::size_t sockets_max = 256;

  enum class outcome : std::uint8_t {
    not_met,    ///< It is not in the kernel's table any more, or was being moved there.
    closed,     ///< It was as it had been judged.
    changed,    ///< Its state, its queues or what it sent and received differ.
    not_whole,  ///< A TIME-WAIT or a handshake: these have no lock.
    gone,       ///< It ended in that moment.
  };

  /// Loads the program. Fails with errc::permission without the rights (CAP_BPF and CAP_PERFMON,
  /// or CAP_SYS_ADMIN, and CAP_NET_ADMIN), and with errc::unsupported where the kernel does not
  /// take it.
  [[nodiscard]] static result<bpf_closer> load();
  ~bpf_closer();
  bpf_closer(bpf_closer&&) noexcept;
  bpf_closer& operator=(bpf_closer&&) noexcept;
  bpf_closer(const bpf_closer&) = delete;
  bpf_closer& operator=(const bpf_closer&) = delete;

  /// Passes once over the sockets of a namespace. `judged` are at most `sockets_max`, each with a
  /// cookie of its own, as the kernel showed them; the answers are in their order. Where the pass
  /// cannot be made, or not to its end, those that it did not meet fail.
  [[nodiscard]] std::vector<result<outcome>> close(const net_namespace& where,
                                                   std::span<const socket_record> judged);

 private:
  struct programs;
  explicit bpf_closer(std::unique_ptr<programs> loaded);
  std::unique_ptr<programs> loaded_;
};

}  // namespace waitstate::kernel
