#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waitstate::sidecar {

/// One "Name: value" of a head, as views of its bytes.
struct field_line {
  std::string_view name;
  std::string_view value;  ///< Without the blanks around it.
  std::string_view whole;  ///< With its CR LF.
};

enum class line_kind : std::uint8_t {
  incomplete,  ///< Its end is not there yet.
  field,
  last,     ///< The empty line.
  refused,  ///< See field_lines::refused().
};

/// Reads the field lines of a head one after the other, strictly: a line ends with CR LF and holds
/// no other control character but tab, its name is a token and its colon follows at once.
class field_lines {
 public:
  /// From offset `at` of `bytes` on, where a line begins.
  field_lines(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  /// The next one. `into` is written for line_kind::field alone.
  line_kind next(field_line& into);

  /// Behind the line that was read last.
  [[nodiscard]] std::size_t at() const { return at_; }
  /// What is wrong, a constant of the program.
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  line_kind refuse(std::string_view why);

  std::string_view bytes_;
  std::size_t at_;
  std::string_view refused_;
};

/// The end of the text of the line that begins at `at`: where its CR LF is. Nothing wrong and
/// npos: it is not there yet. `why` is written where the line holds a control character, a bare CR
/// or a bare LF.
[[nodiscard]] std::size_t end_of_line(std::string_view bytes, std::size_t at,
                                      std::string_view& why);

}  // namespace waitstate::sidecar
