#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace waitstate::client {

struct head_shape {
  /// How many bytes it has, up to and with the empty line; 0 when that is not there yet. A line may
  /// end with a line feed alone (RFC 9112 section 2.2).
  std::size_t size = 0;
  /// A strict parser takes it as it is: strict_head() has nothing to do.
  bool is_strict = true;
};

/// The head of the response that these bytes begin with, as one look over them tells.
[[nodiscard]] head_shape shape_of_head(std::string_view bytes);

/// May a strict parser see these bytes of a head that is not whole yet? Not where a line ended with
/// a line feed alone, or a status came without the blank behind it: it would refuse them.
[[nodiscard]] bool is_strict_so_far(std::string_view bytes);

/// A whole head as strict parsers want it: with the blank that belongs behind a status without a
/// reason (section 4), and a carriage return before each line feed. Nothing when it is so already.
[[nodiscard]] std::optional<std::string> strict_head(std::string_view head);

}  // namespace waitstate::client
