#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "facts/exporter_line.h"
#include "facts/setting.h"
#include "facts/totals.h"
#include "reading/line_context.h"
#include "reading/process_table.h"
#include "reading/source_list.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// Files what lines tell of the host and its namespace: settings, totals, counters, system, limits.
class fact_reader {
 public:
  fact_reader(snapshot_builder& builder, process_table& processes, const line_context& context,
              source_list& sources)
      : builder_(builder), processes_(processes), context_(context), sources_(sources) {}

  // Each takes a line if it is of its kind.
  bool take_totals(std::string_view line);
  bool take_setting(std::string_view line);
  bool take_counter(std::string_view line);
  bool take_host(std::string_view line);
  /// A line of a program's statistics.
  bool take_numbers(std::string_view line);
  bool take_sample(const exporter_sample& sample);

  /// A setting that a command sets or prints; false where there is no setting of that name.
  bool keep_setting(std::string_view name, std::string_view value);

  [[nodiscard]] socket_totals totals() const { return totals_.totals(); }
  /// Only Linux has these files and ss.
  [[nodiscard]] bool saw_totals() const { return totals_.saw_sockstat() || totals_.saw_summary(); }
  /// Settings and counters past the bound.
  [[nodiscard]] std::uint64_t names_left_out() const { return names_left_out_; }

 private:
  void keep(const setting& s);
  void keep_counter(std::string name, std::uint64_t value);
  bool take_counter_table(std::string_view line);
  bool take_conntrack_counters(std::string_view line);
  [[nodiscard]] std::optional<setting> setting_of_command(std::string_view line) const;

  snapshot_builder& builder_;
  process_table& processes_;
  const line_context& context_;
  source_list& sources_;
  totals_reader totals_;
  std::string counter_names_;  ///< The line before, where it names the counters of this one.
  bool adds_up_ = false;       ///< The counters that follow are of another family.
  std::uint64_t names_left_out_ = 0;
};

}  // namespace waitstate::paste
