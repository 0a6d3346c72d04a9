#include "facts/pgbouncer_pools.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// Version 1.23 has 16.
constexpr std::size_t columns_max = 64;

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  cells.reserve(columns_max);
  while (cells.size() < columns_max) {
    const auto bar = line.find('|');
    cells.push_back(trimmed(line.substr(0, bar)));
    if (bar == std::string_view::npos) break;
    line.remove_prefix(bar + 1);
  }
  return cells;
}

}  // namespace

std::optional<std::uint64_t> pgbouncer_pools::number(const std::vector<std::string_view>& row,
                                                     std::string_view name) const {
  const auto column = std::ranges::find(heading_, name);
  const auto index = static_cast<std::size_t>(column - heading_.begin());
  return index < row.size() ? whole_number(row[index]) : std::nullopt;
}

bool pgbouncer_pools::read(std::string_view line) {
  pool_.reset();
  if (!line.contains('|')) return false;
  auto row = cells_of(line);
  // A table of Markdown has a bar at either end.
  if (row.size() > 2 && row.front().empty()) row.erase(row.begin());
  if (std::ranges::find(row, "cl_waiting") != row.end() &&
      std::ranges::find(row, "sv_active") != row.end()) {
    heading_.assign(row.begin(), row.end());
    return true;
  }
  if (heading_.empty() || row.size() < heading_.size()) return false;
  const auto active = number(row, "sv_active");
  const auto waiting = number(row, "cl_waiting");
  if (!active || !waiting || heading_[0] != "database") return false;
  if (row[0] == "pgbouncer") return true;  // Its own console.
  const auto idle = number(row, "sv_idle").value_or(0) + number(row, "sv_used").value_or(0);
  // Clients wait for a moment in each pool that works.
  const bool have_waited = *waiting > 0 && number(row, "maxwait").value_or(1) > 0;
  pool_ = connection_pool{.program = "PgBouncer",
                          .name = std::string(row[0]) + "/" + std::string(row[1]),
                          .leased = active,
                          .idle = idle,
                          .waiting = have_waited ? *waiting : 0};
  if (have_waited && idle == 0) pool_->size = active;
  return true;
}

}  // namespace waitstate::paste
