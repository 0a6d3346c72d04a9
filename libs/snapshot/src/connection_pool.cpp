#include "waitstate/snapshot/connection_pool.h"

#include <algorithm>

namespace waitstate {
namespace {

using number = std::optional<std::uint64_t>;

/// nullopt is below every number.
void take_larger(number& known, const number& other) {
  known = std::max(known, other);
}

}  // namespace

void take_worse(connection_pool& known, const connection_pool& other) {
  take_larger(known.leased, other.leased);
  take_larger(known.waiting, other.waiting);
  take_larger(known.size, other.size);
  if (!known.idle || (other.idle && *other.idle < *known.idle)) known.idle = other.idle;
  known.refused += other.refused;
}

}  // namespace waitstate
