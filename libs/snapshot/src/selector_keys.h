#pragma once

#include <span>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate {

/// One kind of condition: what it is called, how its value is taken in, and what is written of it.
struct selector_key {
  std::string_view name;
  /// Fails when the value is none, or was given already.
  result<> (*take)(socket_selector& s, std::string_view value);
  /// The value as take() reads it; empty where nothing was given.
  std::string (*value)(const socket_selector& s);
};

/// All of them, in the order in which they are written.
[[nodiscard]] std::span<const selector_key> selector_keys();

}  // namespace waitstate
