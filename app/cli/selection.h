#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::cli {

/// The words of a selection as they were typed, "state:close-wait". Fails with errc::invalid_input;
/// the hint of a word that is the name of a file is how `reader` (a command, or empty where none
/// could read it) takes that.
[[nodiscard]] result<socket_selector> selection_of(const std::vector<std::string>& words,
                                                   std::string_view reader);

/// What the help says of them.
inline constexpr std::string_view selection_words =
    "state:close-wait direction:outbound peer:10.0.0.0/8 port:8080 local-port:80 peer-port:443 "
    "process:nginx runtime:java container:4f0c2a7b cgroup:nginx.service ns:blue older:60s "
    "unread:none";

}  // namespace waitstate::cli
