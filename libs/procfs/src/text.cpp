#include "waitstate/procfs/text.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace waitstate::procfs {

std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto taken = text.substr(0, at);
  text = at == text.npos ? std::string_view{} : text.substr(at + 1);
  return taken;
}

std::string_view take_word(std::string_view& text) {
  constexpr std::string_view blanks = " \t\n\r";
  const auto start = text.find_first_not_of(blanks);
  if (start == text.npos) {
    text = {};
    return {};
  }
  text.remove_prefix(start);
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (text.empty() || status != std::errc{} || rest != end) return std::nullopt;
  return number;
}

template std::optional<std::int32_t> to_number(std::string_view);
template std::optional<std::uint32_t> to_number(std::string_view);
template std::optional<std::uint64_t> to_number(std::string_view);
template std::optional<double> to_number(std::string_view);

std::string one_blank_apart(std::string_view text) {
  std::string out;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace waitstate::procfs
