#pragma once

#include <string_view>

namespace waitstate::paste {

/// The program that wrote a line of a log, or the language it is written in: "nginx", "haproxy",
/// "java"; empty where the wording does not tell. `l` is in small letters.
[[nodiscard]] std::string_view program_of(std::string_view l);

/// Does the line say that the program was connecting to an upstream, as a proxy does?
[[nodiscard]] bool is_to_upstream(std::string_view l);

}  // namespace waitstate::paste
