#pragma once

#include <utility>

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

}  // namespace waitstate::client
