#include "look/cookie_set.h"

namespace waitstate::kernel {

bool cookie_set::insert(std::uint64_t cookie) {
  if (cookie == 0) return true;
  const auto [kept, inserted] = cookies_.insert({.cookie = cookie});
  if (kept == nullptr) ++unchecked_;
  return inserted || kept == nullptr;
}

}  // namespace waitstate::kernel
