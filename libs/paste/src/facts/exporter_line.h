#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// One sample of Prometheus' node_exporter or of a client library: "node_sockstat_TCP_tw 3204",
/// "process_open_fds{job="api"} 1.021e+03". Views point into the line.
struct exporter_sample {
  std::string_view name;
  std::string_view state;  ///< The label of that name: "close_wait"; or empty.
  std::uint64_t value = 0;

  friend bool operator==(const exporter_sample&, const exporter_sample&) = default;
};

/// Nothing where the name is of no exporter of a host's or a process's numbers, or the value is no
/// count.
[[nodiscard]] std::optional<exporter_sample> read_exporter_sample(std::string_view line);

}  // namespace waitstate::paste
