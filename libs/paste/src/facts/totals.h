#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/snapshot/host_facts.h"

namespace waitstate::paste {

/// Collects the kernel's socket totals from /proc/net/sockstat{,6}, `ss -s` and `sar -n SOCK`, a
/// line at a time.
class totals_reader {
 public:
  /// Takes a line of either in; false, and nothing changed, where it is none.
  bool read(std::string_view line);
  /// A gauge of node_exporter: "TCP_tw" and the like; false where it is no total.
  bool keep(std::string_view gauge, std::uint64_t value);
  /// What was read; IPv4 and IPv6 added up.
  [[nodiscard]] socket_totals totals() const;
  [[nodiscard]] bool saw_sockstat() const { return saw_sockstat_; }
  [[nodiscard]] bool saw_summary() const { return saw_summary_; }

 private:
  bool read_sockstat(std::string_view line);
  bool read_summary(std::string_view line);
  bool read_transport(std::string_view line);
  bool read_sar(std::string_view line);

  /// Columns of sar's heading, counted from the right; 0: no such heading was met.
  std::size_t sar_columns_ = 0;
  std::size_t sar_tcp_ = 0;
  std::size_t sar_time_wait_ = 0;
  socket_totals totals_;
  std::optional<std::uint64_t> in_use_v6_;
  bool saw_sockstat_ = false;
  bool saw_summary_ = false;
};

}  // namespace waitstate::paste
