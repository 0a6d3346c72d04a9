#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// A number as people write it: "7513", "15,000", "25k", "1.5k", "2K+", "~400"; of "1500-2500" the
/// first.
[[nodiscard]] std::optional<std::uint64_t> spoken_number(std::string_view word);

/// The number of sockets that a sentence speaks of: "there are 7513 connections open in this
/// state", "about 25k TIME_WAIT", "15,000 sockets". Nothing below 100, of which everybody speaks;
/// nothing for a bound, which is what "max", "limit" and the like make of it. Of the rows beside it
/// also "1500-2500 of these", "hundreds of them", "repeated many times", where "many" is taken for
/// no more than a burst leaves.
[[nodiscard]] std::optional<stated_number> stated_number_in(std::string_view line);

}  // namespace waitstate::paste
