#pragma once

#include <optional>
#include <string_view>

#include "facts/setting.h"

namespace waitstate::paste {

/// A switch that a sentence says was turned on or off: "net.ipv4.tcp_tw_recycle was enabled", "we
/// have disabled tcp_timestamps". Nothing of one that asks, advises or supposes.
[[nodiscard]] std::optional<setting> read_spoken_setting(std::string_view line);

}  // namespace waitstate::paste
