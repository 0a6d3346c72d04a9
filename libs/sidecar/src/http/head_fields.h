#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/http_head.h"

namespace waitstate::sidecar {

/// What the field lines of a head say about its body and its connection; the others are in `lines`.
struct head_fields {
  head_pieces lines;
  std::size_t size = 0;  ///< Of the head, the empty line included.

  std::uint64_t length = 0;  ///< Of Content-Length.
  bool has_length = false;
  bool is_chunked = false;

  bool says_close = false;  ///< Connection: close, keep-alive, upgrade.
  bool says_keep_alive = false;
  bool names_upgrade = false;

  bool has_host = false;
  std::string_view host;
  std::string_view keep_alive;  ///< Of the first Keep-Alive line.
  /// Of the Upgrade line, when there is one and no more, it is a list of protocols, and none of
  /// them is h2c: that one would be spoken by the client and understood by nobody here.
  std::string_view upgrade;
  bool expects_continue = false;
  bool expects_more = false;  ///< Something else than 100-continue.
};

/// Reads the field lines from offset `at` of `bytes` on, where the first of them begins. A message
/// that `keeps_length` has no body, and its Content-Length is one of the lines that are sent on.
///
/// Refused besides what field_lines refuses: two lines of Content-Length, Transfer-Encoding or
/// Host, a length that is not a number below 2^63, a transfer coding other than "chunked", both at
/// once, a name that looks like one of these two, a Connection that is no list of names, that names
/// what frames or routes the message, or more than 16 names, and more pieces than `lines` holds.
[[nodiscard]] parse_state read_fields(std::string_view bytes, std::size_t at, bool keeps_length,
                                      head_fields& into, std::string_view& why);

}  // namespace waitstate::sidecar
