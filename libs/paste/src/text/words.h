#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace waitstate::paste {

/// Small helpers for text that people paste. ASCII only: bytes over 127 are neither letters nor
/// blanks, and stay as they are.

/// Without the blanks (space, tab) at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The text with A to Z made small.
[[nodiscard]] std::string lower(std::string_view text);

/// Is `prefix` the start of `text`, whatever the case of either?
[[nodiscard]] bool starts_in_any_case(std::string_view text, std::string_view prefix);

/// A whole decimal number and nothing else; "1,248" and "1 248" are not numbers. Nothing above
/// 2^53: no count in any output is that large, and sums of many stay far from an overflow.
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text);

/// The decimal number that `text` starts with.
[[nodiscard]] std::optional<std::uint64_t> leading_number(std::string_view text);

/// The first decimal number that follows `marker` directly or after blanks.
[[nodiscard]] std::optional<std::uint64_t> number_after(std::string_view text,
                                                        std::string_view marker);

/// A text split at blanks; words past the capacity are dropped and `more` is set. The views point
/// into the text.
class word_list {
 public:
  static constexpr std::size_t capacity = 24;  ///< A command of several stages; rows use tokens.

  explicit word_list(std::string_view text);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// The word at `index`, or an empty one past the end.
  [[nodiscard]] std::string_view operator[](std::size_t index) const {
    return index < size_ ? words_[index] : std::string_view{};
  }
  [[nodiscard]] bool more() const { return more_; }
  [[nodiscard]] std::span<const std::string_view> all() const { return {words_.data(), size_}; }

 private:
  std::array<std::string_view, capacity> words_{};
  std::size_t size_ = 0;
  bool more_ = false;
};

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace waitstate::paste
