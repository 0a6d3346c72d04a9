#include "look/cookie_owners.h"

namespace waitstate::kernel {

void cookie_owners::insert(std::uint64_t cookie, std::uint32_t process) {
  if (cookie == 0) return;
  owners_.insert({.low = static_cast<std::uint32_t>(cookie),
                  .high = static_cast<std::uint32_t>(cookie >> 32),
                  .process = process});
}

std::optional<std::uint32_t> cookie_owners::find(std::uint64_t cookie) {
  const auto* const found = owners_.find(cookie);
  if (found == nullptr) return std::nullopt;
  return found->process;
}

}  // namespace waitstate::kernel
