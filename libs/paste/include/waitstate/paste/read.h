#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// Reads whatever it can find in a text that somebody copied: several outputs of several tools with
/// prose between them, cut, masked, with colours, in any order. Lines that look like data and could
/// not be read are counted in the limit "unread-lines"; prose is left alone.
///
/// Fails with errc::invalid_input when nothing at all could be read; the hint lists what it
/// understands. Linear in the size of the text; holds at most one record for each socket row, and
/// not more than a bound that it names in a limit. `progress` (may be empty) is called now and then
/// with the bytes read so far.
[[nodiscard]] result<snapshot> read(std::string_view text,
                                    const std::function<void(std::uint64_t)>& progress = {});

}  // namespace waitstate::paste
