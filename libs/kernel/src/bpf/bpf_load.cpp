#include "bpf/bpf_load.h"

#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace waitstate::kernel {

bool has_capability(unsigned number) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets.at(CAP_TO_INDEX(number)).effective & CAP_TO_MASK(number)) != 0;
}

bool may_load_bpf() {
  return has_capability(CAP_SYS_ADMIN) || (has_capability(CAP_BPF) && has_capability(CAP_PERFMON));
}

failure bpf_refused(int number, std::string_view step) {
  auto e = from_errno(number, step);
  const bool no_right = number == EPERM || number == EACCES;
  e.code = no_right ? errc::permission : errc::unsupported;
  if (no_right) {
    e.hint =
        "run as root; setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep on a copy that you alone may "
        "run "
        "will do, too";
  }
  return failure(std::move(e));
}

result<std::uint32_t> own_pid_namespace() {
  struct stat own{};
  if (::stat("/proc/self/ns/pid", &own) != 0) return bpf_refused(errno, "BPF: /proc/self/ns/pid");
  return static_cast<std::uint32_t>(own.st_ino);
}

void silence_libbpf() {
  (void)libbpf_set_print(nullptr);
}

}  // namespace waitstate::kernel
