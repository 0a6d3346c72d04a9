#pragma once

#include <optional>
#include <string_view>

#include "rows/row.h"

namespace waitstate::paste {

/// The endpoint that an error line speaks of: what follows "dial tcp", "connect() to", "://" or
/// another such wording, `host='a', port=80`, the sockaddr of strace; else the first address with a
/// port. A clock time or "file.go:182" is none. The view points into the line.
[[nodiscard]] std::optional<text_endpoint> mentioned_endpoint(std::string_view line);

/// The address of this host that a bind() before a connect() failed with, of a line that says so:
/// what stands before "->", in "bind(10.0.0.7)", after "bind to"; never where the connection goes.
[[nodiscard]] std::optional<text_endpoint> bound_endpoint(std::string_view line);

}  // namespace waitstate::paste
