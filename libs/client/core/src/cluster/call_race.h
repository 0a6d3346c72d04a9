#pragma once

#include <cstddef>
#include <functional>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Runs `run(0)`, and beside it `run(1)` when that has taken longer than `after` and `may_begin`
/// says so. Gives the first that ended well, or 0 when none did: the other one is cancelled and
/// waited for. Both run on one strand, and neither is under way any more when this ends.
///
/// Fails with errc::cancelled when it is cancelled, and so are both.
[[nodiscard]] task<std::size_t> race(duration after, std::function<bool()> may_begin,
                                     std::function<task<>(std::size_t)> run);

}  // namespace waitstate::client
