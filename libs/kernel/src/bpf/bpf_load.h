#pragma once

#include <cstdint>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::kernel {

/// May this process load BPF programs that read the kernel (CAP_BPF and CAP_PERFMON, or
/// CAP_SYS_ADMIN)? The kernel may refuse for other reasons yet.
[[nodiscard]] bool may_load_bpf();

/// The error of a step with BPF that failed with this errno: errc::permission with the way to get
/// the rights, else errc::unsupported, as what is missing is in the kernel.
[[nodiscard]] failure bpf_refused(int number, std::string_view step);

/// The inode number of this process's PID namespace, as process_number() in pid.bpf.h wants it.
[[nodiscard]] result<std::uint32_t> own_pid_namespace();

/// Keeps libbpf from printing: errors say what there is to say.
void silence_libbpf();

}  // namespace waitstate::kernel
