#pragma once

#include <cstdint>
#include <string_view>

namespace waitstate::sidecar {

/// The field lines that say how a message is framed or routed, or are about one connection. What a
/// proxy has to know; everything else it sends on unread.
enum class known_field : std::uint8_t {
  other,
  connection,
  content_length,
  expect,
  host,
  keep_alive,
  proxy_authorization,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  /// Content_Length or Transfer_Encoding: servers that hand fields to programs as variables take
  /// these for the real ones.
  lookalike,
};

/// Which of them `name` is, in whatever case.
[[nodiscard]] known_field known_field_of(std::string_view name);

}  // namespace waitstate::sidecar
