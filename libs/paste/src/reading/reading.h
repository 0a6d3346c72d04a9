#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "commands/command.h"
#include "facts/count_line.h"
#include "facts/setting.h"
#include "facts/totals.h"
#include "reading/count_ledger.h"
#include "reading/message_collector.h"
#include "reading/process_table.h"
#include "reading/row_store.h"
#include "rows/readers.h"
#include "text/line.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// One text being read: takes its lines one after another, then makes the snapshot. What a line
/// means depends on the lines before it; that context is here and nowhere else.
class reading {
 public:
  reading();

  /// The next line, cleaned. Views into it are not kept.
  void take(std::string_view line);
  /// Was anything understood so far?
  [[nodiscard]] bool found_anything() const { return !formats_.empty(); }
  /// The snapshot. `lines` says what was cut. Once.
  [[nodiscard]] snapshot finish(const line_splitter& lines);

 private:
  // Each takes a line if it is of its kind. In the order that take() asks them.
  bool take_command(std::string_view line);
  bool take_row(std::string_view line);
  bool take_continuation(std::string_view line);
  bool take_row_without_state(std::string_view line);
  bool take_descriptor(std::string_view line);
  bool take_totals(std::string_view line);
  bool take_setting(std::string_view line);
  bool take_host(std::string_view line);
  bool take_count(std::string_view line);
  bool take_counter(std::string_view line);
  bool take_message(std::string_view line);
  void note_unread(std::string_view line);

  void keep_row(row r, row_store::format f, std::string_view line);
  void flush_row();
  void saw(std::string_view format);
  bool take_owner_count(std::string_view line);
  bool take_number(std::uint64_t number);
  void count_sockets(const count_line& c);
  void count_label(const count_line& c);
  [[nodiscard]] std::optional<setting> setting_of_command(std::string_view line) const;
  void keep_counter(std::string name, std::uint64_t value);
  [[nodiscard]] tcp::endpoint endpoint_of(const text_endpoint& e);
  [[nodiscard]] os_family guessed_os() const;
  [[nodiscard]] std::optional<tcp::port_range> port_range_or_default();
  void add_limits(const line_splitter& lines);

  snapshot_builder builder_;
  process_table processes_;
  row_store rows_;
  count_ledger counts_;
  totals_reader totals_;
  message_collector messages_;
  std::vector<std::string_view> formats_;

  command command_;
  bool has_command_ = false;
  std::uint64_t block_ = 0;
  std::uint64_t lines_since_count_ = 0;  ///< Blank ones too.
  std::uint64_t unread_since_command_ = 0;
  bool state_column_missing_ = false;

  // The row read last, until it is known that no line goes on with it. Its views point into
  // pinned_.
  std::optional<row> pending_;
  row_store::format pending_format_ = row_store::format::netstat;
  std::string pinned_[4];
  std::size_t pins_ = 0;
  std::size_t favourite_ = 0;

  /// Series of other hosts, or of descriptors.
  std::vector<count_series> labelled_;
  std::map<std::tuple<std::string, tcp::state, std::uint16_t>, std::size_t> label_index_;
  std::map<std::string, std::uint32_t> masked_;  ///< Of this command's list.
  std::string counter_names_;
  bool some_owners_hidden_ = false;
  bool bsd_rows_ = false;
  bool windows_rows_ = false;
  bool windows_typed_ = false;  ///< A prompt or a command that only Windows has.
  bool linux_rows_ = false;
  std::uint64_t names_left_out_ = 0;  ///< Settings and counters past the bound.
  std::uint64_t unread_ = 0;
  std::string first_unread_;
};

}  // namespace waitstate::paste
