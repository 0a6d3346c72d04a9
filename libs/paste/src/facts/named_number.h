#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace waitstate::paste {

/// A number that a program's own statistics give by a name, under the name of the same number in
/// Prometheus: "process_open_fds".
struct named_number {
  std::string_view name;  ///< A literal.
  std::uint64_t value = 0;

  friend bool operator==(const named_number&, const named_number&) = default;
};

/// Those of a line of JSON, Erlang terms or YAML that say what a host or a process has:
/// Elasticsearch's "open_file_descriptors": 65530 and "passive_opens": 7133683, RabbitMQ's
/// {sockets_limit,829}. At most eight.
[[nodiscard]] std::vector<named_number> read_named_numbers(std::string_view line);

}  // namespace waitstate::paste
