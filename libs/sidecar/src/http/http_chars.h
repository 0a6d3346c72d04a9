#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace waitstate::sidecar {

/// The characters that HTTP/1.1 tells apart. None of these knows a locale.

/// By the code of each character, whether it is a token's.
inline constexpr auto token_chars = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    table.at(c) = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table.at(static_cast<unsigned>(c)) = true;
  }
  return table;
}();

/// Of a method or a field name: a "tchar" of RFC 9110 section 5.6.2.
[[nodiscard]] constexpr bool is_token_char(char c) {
  return token_chars[static_cast<unsigned char>(c)];
}

/// One or more of these.
[[nodiscard]] bool is_token(std::string_view text);

/// 'A' is 'a'; what is no letter of ASCII stays.
[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Whether `name`, a token, is `lowered` but for the case of its letters.
[[nodiscard]] constexpr bool is_name(std::string_view name, std::string_view lowered) {
  if (name.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(name[i]) != lowered[i]) return false;
  }
  return true;
}

/// Without the blanks and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The first control character but tab from `at` on, DEL is one: what ends a line, or must not be
/// in it. `end` when there is none.
[[nodiscard]] const char* first_control(const char* at, const char* end);

}  // namespace waitstate::sidecar
