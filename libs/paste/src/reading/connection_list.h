#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace waitstate::paste {

/// What `Get-NetTCPConnection | Format-List` prints: the properties of one connection below each
/// other, "LocalAddress : 10.0.0.7", and an empty line between two connections. Put together they
/// are the row that the cmdlet prints as a table.
class connection_list {
 public:
  /// Takes a line that is a property of a connection; false where it is none.
  bool take(std::string_view line);
  /// The property of this line was there already: another connection begins.
  [[nodiscard]] bool begins_anew(std::string_view line) const;
  /// The row of the connection; empty where an end or the state is missing. The next line begins
  /// another one.
  [[nodiscard]] std::string finish();

 private:
  std::array<std::string, 6> values_;  ///< By place in the row.
};

}  // namespace waitstate::paste
