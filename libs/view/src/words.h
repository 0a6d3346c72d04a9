#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::view {

/// Short words of columns.

/// One unit but where the second one matters: "42 s", "12 min", "3 h 2 min", "4 d".
[[nodiscard]] std::string age_word(std::chrono::milliseconds age);

/// "12/s", "0.4/s"; empty for what is next to nothing.
[[nodiscard]] std::string rate_word(double per_second);

/// The same with its sign: "+0.4/s", "-12/s".
[[nodiscard]] std::string growth_word(double per_second);

/// "nginx (812)", "nobody", "hidden", "-".
[[nodiscard]] std::string owner_word(const snapshot& s, const owner_ref& owner);

/// A process in a column: "nginx (812)".
[[nodiscard]] std::string process_word(const process& p);

}  // namespace waitstate::view
