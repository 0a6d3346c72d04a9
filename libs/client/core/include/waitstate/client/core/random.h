#pragma once

#include <cstdint>
#include <functional>

namespace waitstate::client {

/// 64 random bits a call. Passed in wherever something is left to chance, so that tests choose.
using random_source = std::function<std::uint64_t()>;

/// A fast generator that is good enough for balancing and jitter, never for secrets. A copy
/// continues from where the original was; not for several threads at once.
[[nodiscard]] random_source seeded_random(std::uint64_t seed);

/// seeded_random() with a seed from the system, so that processes do not move in step.
[[nodiscard]] random_source system_random();

/// At least 0 and less than 1.
[[nodiscard]] double random_share(const random_source& random);

}  // namespace waitstate::client
