#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// How often an error came, where a load generator sums its errors up: "EADDRINUSE: 2531" and
/// "errors.EADDRINUSE: ...... 2531" (Artillery, autocannon), "[4412]<tab>Get ..." (hey),
/// "... requested address   3456 (78.12%)" (Gatling), "... requested address - 4412" (bombardier).
/// Nothing where the line has no such number.
[[nodiscard]] std::optional<std::uint64_t> tally_of(std::string_view line);

/// httperf's "Errors: fd-unavail 12 addrunavail 28213 ftab-full 0 other 0".
struct httperf_errors {
  std::uint64_t no_descriptor = 0;
  std::uint64_t no_address = 0;
  std::uint64_t table_full = 0;
};

[[nodiscard]] std::optional<httperf_errors> read_httperf_errors(std::string_view line);

}  // namespace waitstate::paste
