#include "look/owner_memory.h"

#include <utility>

#include "look/followed_sockets.h"

namespace waitstate::kernel {
const process* owner_memory::owner_before(std::uint64_t cookie, std::uint64_t net_namespace) {
  if (cookie == 0) return nullptr;
  const auto was = before_.find(host_wide(cookie, net_namespace));
  return was ? &processes_[*was] : nullptr;
}

void owner_memory::reserve(std::size_t sockets) {
  if (!is_closed_) now_.reserve(sockets);
}

void owner_memory::note(std::uint64_t cookie, std::uint64_t net_namespace, std::uint32_t process) {
  if (cookie != 0 && !is_closed_) now_.insert(host_wide(cookie, net_namespace), process);
}

void owner_memory::turn(std::vector<process> processes) {
  before_ = std::exchange(now_, cookie_owners());
  processes_ = std::move(processes);
}

void owner_memory::drop() {
  now_ = cookie_owners();
}

}  // namespace waitstate::kernel
