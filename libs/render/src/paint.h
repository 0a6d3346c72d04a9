#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

enum class ink : std::uint8_t { plain, bold, dim, red, yellow, green, cyan };

/// Puts colours around text, or leaves it alone. Give it whole words or lines: the codes take no
/// columns but columns() does not know them.
class painter {
 public:
  explicit painter(bool colour) : colour_(colour) {}
  [[nodiscard]] std::string operator()(ink i, std::string_view text) const;

 private:
  bool colour_;
};

[[nodiscard]] ink ink_of(diagnosis::severity s);
[[nodiscard]] ink ink_of(diagnosis::verdict v);

}  // namespace waitstate::render
