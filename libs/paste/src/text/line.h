#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waitstate::paste {

/// Splits a pasted text into lines, which end in LF, CR LF or CR, and cleans each one: NUL bytes
/// (text saved as UTF-16), ANSI colour and cursor sequences, a byte order mark, and the marks of a
/// quoted mail ("> > ") are taken away, and the marks of pages and sheets around rows; what a web
/// page spread out is joined. Rows that stand in one line are a line each. Tabs stay.
class line_splitter {
 public:
  /// A longer line is cut: no tool prints one, and each reader may look at every byte.
  static constexpr std::size_t line_max = 4096;

  explicit line_splitter(std::string_view text) : text_(text) {}

  /// The next line, or nothing at the end. Valid until the next call, or as long as the text where
  /// nothing had to be taken out.
  [[nodiscard]] std::optional<std::string_view> next();

  /// Bytes of the text behind us.
  [[nodiscard]] std::size_t position() const { return at_; }
  /// Lines given so far that were cut, and lines that are not text and were given as empty.
  [[nodiscard]] std::uint64_t cut() const { return cut_; }
  [[nodiscard]] std::uint64_t binary() const { return binary_; }

 private:
  std::string_view cleaned(std::string_view line);
  [[nodiscard]] std::size_t end_of_line();

  std::string_view text_;
  std::string scratch_;
  std::string page_scratch_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;           ///< Of the line at hand, as the text has it.
  std::size_t next_feed_ = 0;     ///< The first LF from here on, once it was looked for.
  std::size_t one_line_end_ = 0;  ///< Up to here is the output of one host in one line.
  std::uint64_t cut_ = 0;
  std::uint64_t binary_ = 0;
};

}  // namespace waitstate::paste
