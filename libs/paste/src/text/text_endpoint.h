#pragma once

#include <optional>
#include <string_view>

#include "rows/row.h"

namespace waitstate::paste {

/// True when a word may be an address, a name or a mask of one: no blanks and control characters,
/// none of the marks that text has and these have not.
[[nodiscard]] bool is_plausible_host(std::string_view word);

/// Reads one word as the address and port of a connection, with a colon between them (Linux,
/// Windows, lsof): "10.0.0.7:80", "[::1]:80", ":::80", "::ffff:10.0.0.7:80", "[fe80::1]%eth0:80",
/// "db.internal:https", "XX.XX.XX.XX:80", "<ip>:{port}", "*:*", "10.0.0.7:" (cut).
///
/// Nothing when there is no colon, the port is a number over 65535, or the word has characters that
/// no address, name or mask has: quotes, brackets of other kinds, commas, "//".
[[nodiscard]] std::optional<text_endpoint> read_colon_endpoint(std::string_view word);

/// The same with a dot between address and port (macOS, the BSDs): "10.0.0.7.80", "::1.80", "*.*",
/// "localhost.http".
[[nodiscard]] std::optional<text_endpoint> read_dot_endpoint(std::string_view word);

/// True for "*:*", "0.0.0.0:0", "[::]:*": the remote end of a listener.
[[nodiscard]] bool is_wildcard(const text_endpoint& e);

}  // namespace waitstate::paste
