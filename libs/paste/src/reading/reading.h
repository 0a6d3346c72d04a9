#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reading/connection_list.h"
#include "reading/count_reader.h"
#include "reading/fact_reader.h"
#include "reading/line_context.h"
#include "reading/message_collector.h"
#include "reading/pool_reader.h"
#include "reading/process_table.h"
#include "reading/row_assembler.h"
#include "reading/row_store.h"
#include "reading/source_list.h"
#include "reading/told_story.h"
#include "reading/unread_lines.h"
#include "text/line.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/snapshot_builder.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::paste {

/// One text being read: takes its lines one after another, then makes the snapshot. What a line
/// means depends on the lines before it; each of its parts keeps what it needs of them.
class reading {
 public:
  reading();

  /// The next line, cleaned. Views into it are not kept.
  void take(std::string_view line);
  /// Was anything understood so far?
  [[nodiscard]] bool found_anything() const { return !sources_.empty(); }
  /// The snapshot. `lines` says what was cut. Once.
  [[nodiscard]] snapshot finish(const line_splitter& lines);

  /// The sockets of its rows, told as finish() told them.
  [[nodiscard]] const packed_rows& rows() const { return rows_.rows(); }

  /// What can be read, for who pasted something else: "ss, netstat, ..., or ...".
  [[nodiscard]] static std::string readable();

 private:
  /// Takes a line if it is of its kind.
  struct taker {
    bool (*take)(reading& r, std::string_view line);
    std::string_view reads;  ///< For readable(); formats of rows have their own hints.
  };
  /// In the order in which a line is offered to them: what is told from less comes later.
  static std::span<const taker> takers();

  void finish_list();
  bool take_command(std::string_view line);
  bool take_descriptor(std::string_view line);
  bool take_message(std::string_view line);
  bool take_sample(std::string_view line);

  [[nodiscard]] os_family guessed_os() const;
  [[nodiscard]] std::optional<tcp::port_range> range_that_tells_directions();

  snapshot_builder builder_;
  source_list sources_;
  line_context context_;
  process_table processes_;
  row_store rows_;
  row_assembler assembler_;
  connection_list list_;
  fact_reader facts_;
  count_reader counts_;
  message_collector messages_;
  pool_reader pools_;
  unread_lines unread_;
  told_story story_;
  bool typed_on_windows_ = false;
};

}  // namespace waitstate::paste
