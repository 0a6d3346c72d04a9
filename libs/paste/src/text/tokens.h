#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// How many words of prompt, time stamp and the like may stand before a row, as in "Jun 12 10:00:01
/// web1 watch[12]: (venv) $ >".
inline constexpr std::size_t prefix_words_max = 8;

/// The words of a line: what blanks and tabs part. Holds views into the line and allocates nothing.
/// The line is parted only as far as words are asked for, as most lines are refused by their first
/// ones. There are at most `words_max` words, of the first `line_max` bytes.
///
/// Not for several threads at once.
class tokens {
 public:
  static constexpr std::size_t words_max = 40;  ///< Of a row of ss -i, more than the columns.
  static constexpr std::size_t line_max = 8192;

  explicit tokens(std::string_view line) : line_(line.substr(0, line_max)) {}

  /// How many there are; parts the whole line.
  [[nodiscard]] std::size_t size() const {
    part_up_to(words_max);
    return size_;
  }
  /// The word at `index`; empty behind the last one.
  [[nodiscard]] std::string_view operator[](std::size_t index) const {
    if (index >= size_) part_up_to(index + 1);
    return index < size_ ? words_[index] : std::string_view{};
  }
  /// Everything from the start of word `index` to the end of the line.
  [[nodiscard]] std::string_view from(std::size_t index) const;

 private:
  void part_up_to(std::size_t count) const;

  std::string_view line_;
  mutable std::size_t at_ = 0;
  mutable std::size_t size_ = 0;
  mutable std::array<std::string_view, words_max> words_;
};

/// A number with nothing before or after it; nothing when it does not fit.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || status != std::errc{} || rest != end) return std::nullopt;
  return value;
}

[[nodiscard]] inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// True for one or more decimal digits and nothing else.
[[nodiscard]] bool is_number(std::string_view text);

/// A process id: a number that is not negative.
[[nodiscard]] std::optional<std::int32_t> parse_pid(std::string_view text);

/// What people's tools glue to the first word of a row: quote marks ("> "), grep's "12:" and
/// "netstat.txt:12:", a table's "|", back quotes. True when `word` is `wanted` with such a prefix
/// or with none; ASCII case matters not.
[[nodiscard]] bool is_word_behind_prefix(std::string_view word, std::string_view wanted);

/// True for tcp, tcp4, tcp6 and tcp46 in any case, behind a prefix.
[[nodiscard]] bool is_tcp_word(std::string_view word);

/// The index of the first is_tcp_word() among the first
/// words of a line, where rows of all tools have it.
[[nodiscard]] std::optional<std::size_t> find_tcp_word(const tokens& words);

/// A cheap first look: false when find_tcp_word() cannot find anything in this line.
[[nodiscard]] bool may_have_tcp_word(std::string_view line);

/// A state as a column has it: tcp::parse_state without the brackets, commas and quotes around it.
[[nodiscard]] std::optional<tcp::state> read_state(std::string_view word);

/// The same for the last word of a line that was cut: "CLOSE_WAI" can only be one thing. At least
/// four letters, and only the names that netstat, ss and lsof print.
[[nodiscard]] std::optional<tcp::state> read_cut_state(std::string_view word);

}  // namespace waitstate::paste
