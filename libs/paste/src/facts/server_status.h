#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/connection_pool.h"

namespace waitstate::paste {

/// Reads the status pages of servers that have workers: php-fpm's, line by line,
///
///     pool:                 www
///     listen queue:         128
///     idle processes:       0
///     active processes:     50
///
/// and Apache's mod_status, as a page ("256 requests currently being processed, 0 idle workers")
/// and with ?auto ("BusyWorkers: 256"), and Tomcat's manager.
class server_status {
 public:
  /// Takes a line of such a page.
  bool read(std::string_view line);
  /// The workers of the page that was read last, when all its numbers were there. A page whose
  /// workers are all busy gives their number as the size; php-fpm's only where somebody waits, as
  /// it may start more.
  [[nodiscard]] std::optional<connection_pool> workers() const;

 private:
  bool read_fpm(std::string_view line);
  bool read_apache(std::string_view line);
  bool read_tomcat(std::string_view line);

  std::string program_;
  std::string name_;
  std::optional<std::uint64_t> busy_;
  std::optional<std::uint64_t> idle_;
  std::optional<std::uint64_t> waiting_;
};

}  // namespace waitstate::paste
