#pragma once

#include <cstdint>
#include <vector>

#include "front/service.h"

namespace waitstate::sidecar {

/// What a Thrift route counts, of one loop and its thread alone; the sum over the loops is shown.
struct thrift_counts {
  std::uint64_t calls = 0;
  std::uint64_t reused = 0;      ///< Carried by a connection that had carried another call.
  std::uint64_t repeated = 0;    ///< Attempts past the first of a call.
  std::uint64_t helped = 0;      ///< Calls that were answered after such an attempt.
  std::uint64_t exceptions = 0;  ///< Replies of servers that say that no method could answer.
  std::uint64_t oneway = 0;      ///< Calls that nobody answers.
  std::uint64_t failed = 0;      ///< Calls that got an exception of the sidecar's own, or nothing.
  std::uint64_t refused = 0;     ///< Clients closed that sent what is no call.
  std::uint64_t drained = 0;     ///< Replies whose client was gone; the connection was kept.
};

[[nodiscard]] std::vector<figure> figures_of(const thrift_counts& c);

}  // namespace waitstate::sidecar
