#pragma once

#include <chrono>
#include <string>

#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// RFC 3339 in UTC, to the second: "2026-01-05T10:22:07Z".
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point t);

/// "29,445 sockets: 28,229 TIME-WAIT, 1,204 ESTABLISHED", the most first, each kept together by a
/// no-break space; "no sockets".
[[nodiscard]] std::string states_line(const state_counts& states);

/// Where the picture is from: "web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z, two looks
/// 5 s apart", "pasted text: ss, sysctl".
[[nodiscard]] std::string source_line(const snapshot& s);

}  // namespace waitstate::render
