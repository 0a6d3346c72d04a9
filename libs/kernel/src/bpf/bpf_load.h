#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include "waitstate/base/result.h"

namespace waitstate::kernel {

/// May this process load BPF programs that read the kernel (CAP_BPF and CAP_PERFMON, or
/// CAP_SYS_ADMIN)? The kernel may refuse for other reasons yet.
[[nodiscard]] bool may_load_bpf();

/// Does this process have that capability (CAP_NET_ADMIN, ...)?
[[nodiscard]] bool has_capability(unsigned number);

/// The error of a step with BPF that failed with this errno: errc::permission with the way to get
/// the rights, else errc::unsupported, as what is missing is in the kernel.
[[nodiscard]] failure bpf_refused(int number, std::string_view step);

/// The inode number of this process's PID namespace, as process_number() in pid.bpf.h wants it.
[[nodiscard]] result<std::uint32_t> own_pid_namespace();

/// Keeps libbpf from printing: errors say what there is to say.
void silence_libbpf();

/// Owns what libbpf made, and gives it back by `release`.
template <auto release>
struct released_by {
  template <class T>
  void operator()(T* made) const {
    (void)release(made);
  }
};

/// A skeleton of bpftool, whose functions these are. `prepare` sets what must be known before the
/// kernel gets it, beside the PID namespace, which is set here for programs that ask for it. Fails
/// as bpf_refused().
template <auto open, auto load, auto destroy, class Prepare>
[[nodiscard]] auto load_programs(const Prepare& prepare)
    -> result<std::unique_ptr<std::remove_pointer_t<decltype(open())>, released_by<destroy>>> {
  if (!may_load_bpf()) return bpf_refused(EPERM, "BPF");
  silence_libbpf();
  std::unique_ptr<std::remove_pointer_t<decltype(open())>, released_by<destroy>> programs(open());
  if (!programs) return bpf_refused(errno, "BPF: reading the programs");
  if constexpr (requires { programs->rodata->pid_namespace; }) {
    const auto pid_namespace = own_pid_namespace();
    if (!pid_namespace) return failure(pid_namespace.error());
    programs->rodata->pid_namespace = *pid_namespace;
  }
  prepare(*programs);
  if (const auto failed = load(programs.get()); failed != 0) {
    return bpf_refused(-failed, "BPF: loading the programs");
  }
  return programs;
}

}  // namespace waitstate::kernel
