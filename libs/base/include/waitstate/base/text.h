#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace waitstate {

/// Numbers and durations as people read them. Every sentence that this program
/// writes goes through these, so that one number looks the same everywhere.

/// 28232 -> "28,232".
[[nodiscard]] std::string grouped(std::uint64_t number);

/// "1 socket", "28,232 sockets". `plural_form` is for words that do not just take an s.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun,
                                  std::string_view plural_form = {});

/// A share of a whole in per cent, rounded to the nearest: (1, 3) -> "33 %".
/// More than nothing is never "0 %" and less than all is never "100 %":
/// "under 1 %", "over 99 %". A whole of 0 gives "0 %".
[[nodiscard]] std::string share(std::uint64_t part, std::uint64_t whole);

/// At most two units, rounded down: "0 s", "850 ms", "42 s", "3 min 20 s", "5 h 2 min", "3 d 4 h".
[[nodiscard]] std::string elapsed(std::chrono::milliseconds duration);

/// A rate per second with as many digits as it deserves: "0.4", "9.5", "312", "12,400".
[[nodiscard]] std::string rate(double per_second);

/// A name as one word of a shell, for a command that somebody will paste: "it's" -> "'it'\''s'".
/// Line ends and other control characters become "?": no name begins a line of its own.
[[nodiscard]] std::string shell_quoted(std::string_view name);

/// Bytes with a binary unit: "0 B", "512 B", "1.5 KiB", "64 MiB".
[[nodiscard]] std::string bytes(std::uint64_t count);

}  // namespace waitstate
