#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/connection_pool.h"

namespace waitstate::paste {

/// PgBouncer's `SHOW POOLS`, as psql prints it: a heading, whose columns differ from version to
/// version, and a row for each pool of a database and user.
///
///      database | user | cl_active | cl_waiting | sv_active | sv_idle | sv_used | maxwait
///      app      | web  |        20 |        137 |        20 |       0 |       0 |      41
///
/// The size of a pool is in no column: where clients have waited for a second and no connection is
/// idle, it is what the pool has.
class pgbouncer_pools {
 public:
  /// Takes the heading or a row below it; false where the line is neither.
  bool read(std::string_view line);
  /// Of the row that was just read.
  [[nodiscard]] const std::optional<connection_pool>& pool() const { return pool_; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> number(const std::vector<std::string_view>& row,
                                                    std::string_view name) const;

  std::vector<std::string> heading_;
  std::optional<connection_pool> pool_;
};

}  // namespace waitstate::paste
