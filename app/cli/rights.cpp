#include "app/cli/rights.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace waitstate::cli {
namespace {

struct capability {
  unsigned number;
  const char* name;
  bool is_needed;
};

}  // namespace

std::vector<std::string> drop_rights_but(const needed_rights& needed) {
  const std::array wanted{
      capability{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", true},
      capability{CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", true},
      capability{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", needed.other_namespaces},
      capability{CAP_BPF, "CAP_BPF", needed.bpf},
      capability{CAP_PERFMON, "CAP_PERFMON", needed.bpf},
  };
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return {};
  std::array<std::uint32_t, _LINUX_CAPABILITY_U32S_3> kept{};
  std::vector<std::string> names;
  for (const auto& c : wanted) {
    const auto& set = sets.at(CAP_TO_INDEX(c.number));
    if (!c.is_needed || (set.effective & CAP_TO_MASK(c.number)) == 0) continue;
    kept.at(CAP_TO_INDEX(c.number)) |= CAP_TO_MASK(c.number);
    names.emplace_back(c.name);
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets.at(i).effective = kept.at(i);
    sets.at(i).permitted = kept.at(i);
    sets.at(i).inheritable = 0;
  }
  // Giving up is never refused.
  static_cast<void>(::syscall(SYS_capset, &header, sets.data()));
  return names;
}

}  // namespace waitstate::cli
