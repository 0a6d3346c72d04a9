#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rows/row.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// One line of counts as `sort | uniq -c`, an awk array, Group-Object or a monitoring script print
/// them, in any order. Views point into the line.
struct count_line {
  std::uint64_t count = 0;
  tcp::state state = tcp::state::unknown;
  std::optional<text_endpoint> endpoint;  ///< An address, with or without a port.
  std::string_view program;               ///< "1464/nginx": the name.
  std::int32_t pid = 0;
  /// The one other word: a host's name before or after the number. Only the command before it
  /// tells whether that means anything.
  std::string_view label;
  /// "4412 08": the number that /proc/net/tcp has for a state, where a command counted that column.
  std::optional<tcp::state> kernel_state = {};
  /// What is left of a table's header when it is counted too: "1 Foreign", "1 established)".
  bool noise = false;

  /// Nothing but a number.
  [[nodiscard]] bool is_bare() const {
    return !noise && state == tcp::state::unknown && !endpoint && label.empty() && program.empty();
  }
  friend bool operator==(const count_line&, const count_line&) = default;
};

/// Reads a line of counts: "1104", "3699 CLOSE_WAIT", "CLOSE_WAIT: 710", "TIME_WAIT=5",
/// "11 172.16.0.2", "120 ESTAB 10.0.0.5:3306", "heroic-0:   0"; a state and its number also inside
/// a page's table or with a comment behind them. Nothing for a line with a word that belongs to
/// none of these.
[[nodiscard]] std::optional<count_line> read_count_line(std::string_view line);

}  // namespace waitstate::paste
