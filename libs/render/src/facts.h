#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::render {

/// RFC 3339 in UTC, to the second: "2026-01-05T10:22:07Z".
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point t);

/// Reads such a text, and no other form of RFC 3339; nullopt for what is no time from 1970 to 2261,
/// which is as far as a clock in nanoseconds goes.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_timestamp(
    std::string_view text);

/// "29,445 sockets: 28,229 TIME-WAIT, 1,204 ESTABLISHED", the most first, each kept together by a
/// no-break space; "no sockets".
[[nodiscard]] std::string states_line(const state_counts& states);

/// Where the picture is from: "web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z, two looks
/// 5 s apart", "pasted text: ss, sysctl".
[[nodiscard]] std::string source_line(const snapshot_summary& s);

}  // namespace waitstate::render
