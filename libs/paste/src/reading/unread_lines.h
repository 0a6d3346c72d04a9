#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/spoken_count.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// The lines that nobody could read: those among them that look like rows of TCP sockets are
/// counted, and the notices of netstat and lsof that owners are hidden are kept. Of prose, the
/// largest number of sockets that it speaks of, and of each state; and whether something hangs.
class unread_lines {
 public:
  void add(std::string_view line);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  /// Lines that count something in a number that no host reaches.
  [[nodiscard]] std::uint64_t impossible() const { return impossible_; }
  /// The start of the first of the rows.
  [[nodiscard]] const std::string& first_row() const { return first_row_; }
  [[nodiscard]] bool some_owners_hidden() const { return some_owners_hidden_; }
  [[nodiscard]] const std::optional<stated_number>& statement() const { return statement_; }
  /// One for each state.
  [[nodiscard]] const std::vector<spoken_count>& spoken() const { return spoken_; }
  /// The sentence, shortened, that says so; or empty.
  [[nodiscard]] const std::string& hanging() const { return hanging_; }

 private:
  void add_prose(std::string_view text);

  std::uint64_t rows_ = 0;
  std::uint64_t impossible_ = 0;
  std::string first_row_;
  bool some_owners_hidden_ = false;
  std::optional<stated_number> statement_;
  std::vector<spoken_count> spoken_;
  std::string hanging_;
};

}  // namespace waitstate::paste
