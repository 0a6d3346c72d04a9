#pragma once

#include <exception>
#include <utility>

#include "waitstate/base/error.h"

namespace waitstate::client {

/// Calls what the owner gave us to be told by, if anything. What it throws ends here: the books of
/// a pool, the deadlines that its housekeeping keeps and the destructor of a lease must not depend
/// on somebody's log line.
template <class Callback, class... Args>
void notify(const Callback& owner, Args&&... args) noexcept {
  if (!owner) return;
  try {
    owner(std::forward<Args>(args)...);
  } catch (...) {  // NOLINT(bugprone-empty-catch): see above
  }
}

/// What the owner's function threw, as the error that it failed with. To be called where it was
/// caught.
[[nodiscard]] inline error thrown() {
  try {
    throw;
  } catch (const std::exception& e) {
    return {.code = errc::system, .what = e.what(), .hint = {}};
  } catch (...) {
    return {.code = errc::system, .what = "it threw something that is no exception", .hint = {}};
  }
}

}  // namespace waitstate::client
