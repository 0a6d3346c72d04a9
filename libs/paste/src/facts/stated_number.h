#pragma once

#include <optional>
#include <string_view>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// The number of sockets that a sentence speaks of: "there are 7513 connections open in this
/// state", "about 25k TIME_WAIT", "15,000 sockets". Nothing below 100, of which everybody speaks;
/// nothing for a bound, which is what "max", "limit" and the like make of it. Of the rows beside it
/// also "1500-2500 of these", "hundreds of them", "repeated many times", where "many" is taken for
/// no more than a burst leaves.
[[nodiscard]] std::optional<stated_number> stated_number_in(std::string_view line);

}  // namespace waitstate::paste
