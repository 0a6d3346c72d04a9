#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reading/line_context.h"
#include "reading/process_table.h"
#include "reading/row_store.h"
#include "reading/source_list.h"
#include "rows/format.h"
#include "rows/row.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// Makes sockets of rows. A row waits, with text of its own, until it is known that the next line
/// does not go on with it.
class row_assembler {
 public:
  row_assembler(snapshot_builder& builder, process_table& processes, row_store& rows,
                source_list& sources)
      : builder_(builder), processes_(processes), rows_(rows), sources_(sources) {}

  /// Takes a line that goes on with the row that waits.
  bool take_continuation(std::string_view line);
  /// Takes a row of any format; none may wait.
  bool take_row(std::string_view line);
  /// Takes a heading, and a row that does not show its state where the heading or the command does.
  bool take_heading(std::string_view line);
  bool take_row_without_state(std::string_view line, const command& typed);

  /// The row that waits, if there is one, is complete.
  void flush();
  /// A command was typed: the headings above it say nothing of what follows.
  void begin_block() { state_column_missing_ = false; }

 private:
  /// A row whose text is its own.
  class waiting_row {
   public:
    void hold(const row& r, const format& f);
    void drop() { format_ = nullptr; }
    [[nodiscard]] bool holds_one() const { return format_ != nullptr; }
    [[nodiscard]] const format& of() const { return *format_; }
    /// The row as its reader gave it; its views are good until the next hold().
    [[nodiscard]] row get() const;

   private:
    const format* format_ = nullptr;
    row columns_;  ///< With no text.
    std::string local_host_;
    std::string remote_host_;
    std::string program_;
  };

  void wait_for_more(const row& r, const format& f);

  snapshot_builder& builder_;
  process_table& processes_;
  row_store& rows_;
  source_list& sources_;
  waiting_row waiting_;
  int continued_ = 0;            ///< Lines that went on with the row that waits.
  std::size_t last_format_ = 0;  ///< The format of the row before.
  bool state_column_missing_ = false;
};

}  // namespace waitstate::paste
