#pragma once

#include <optional>
#include <string_view>

#include "row.h"

namespace waitstate::paste {

/// The endpoint that an error line speaks of: what follows "dial tcp", "connect() to", "://" or
/// another such wording, `host='a', port=80`, the sockaddr of strace; else the first address with a
/// port. A clock time or "file.go:182" is none. The view points into the line.
[[nodiscard]] std::optional<text_endpoint> mentioned_endpoint(std::string_view line);

}  // namespace waitstate::paste
