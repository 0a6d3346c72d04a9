#include "text/words.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace waitstate::paste {
namespace {

constexpr std::string_view blanks = " \t";

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), small);
  return out;
}

bool starts_in_any_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, small, small);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, number);
  constexpr auto number_max = std::uint64_t{1} << 53;
  if (failed != std::errc{} || stop != end || number > number_max) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  return whole_number({text.begin(), end});
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view marker) {
  const auto at = text.find(marker);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(at + marker.size());
  const auto first = rest.find_first_not_of(blanks);
  if (first == std::string_view::npos) return std::nullopt;
  return leading_number(rest.substr(first));
}

word_list::word_list(std::string_view text) {
  for (std::size_t at = 0;;) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return;
    if (size_ == capacity) {
      more_ = true;
      return;
    }
    const auto begin = at;
    while (at < text.size() && !is_blank(text[at])) ++at;
    words_[size_++] = text.substr(begin, at - begin);
  }
}

}  // namespace waitstate::paste
