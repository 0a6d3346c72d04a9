#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rows/row.h"
#include "waitstate/snapshot/host_facts.h"

namespace waitstate::paste {

/// What a line of column names says of the rows below it.
enum class table_header : std::uint8_t {
  none,           ///< The line opens no table of this format.
  with_state,     ///< Each row shows its state, as far as the tool does.
  without_state,  ///< One state was asked for, and no row shows it: see read_without_state.
};

/// One tool's way to print sockets, a row for each, with everything that is to be known of it:
/// nothing else tells formats apart. All of them are in formats().
struct format {
  std::string_view name;     ///< Of this format alone: "netstat of Windows".
  std::string_view tool;     ///< The program or file; what a report says was pasted: "netstat".
  std::string_view hint;     ///< What to paste, for who does not know: "lsof -i".
  std::string_view example;  ///< The row of a connection, 10.0.0.7:80 to 10.0.0.8:55123.
  std::string_view heading;  ///< The line above the rows.

  std::optional<row> (*read)(std::string_view line) = nullptr;
  /// The same under a heading without a state; null where every table has one.
  std::optional<row> (*read_without_state)(std::string_view line) = nullptr;
  /// Adds to `r` what a line below its row says of it; false, and nothing changed, where the line
  /// is of something else. Null where a row is always one line.
  bool (*continues)(std::string_view line, row& r) = nullptr;
  table_header (*header)(std::string_view line) = nullptr;

  /// The system that prints it; other_bsd for any of the BSDs and macOS, unknown for several.
  os_family system = os_family::unknown;
  /// A listener's Send-Q is its backlog. Elsewhere a 0 there says nothing.
  bool shows_backlog = false;
  /// Prints a timer only where one runs, and none at all unless it was asked to.
  bool shows_only_running_timers = false;
  /// A row is one descriptor of one process: what threads and forks share has several rows, and its
  /// inode tells.
  bool lists_descriptors = false;
};

}  // namespace waitstate::paste
