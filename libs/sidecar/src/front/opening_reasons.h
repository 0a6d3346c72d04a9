#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace waitstate::sidecar {

/// Why a connection to a server had to be made.
enum class opening_reason : std::uint8_t {
  first,          ///< There had been none.
  pool_empty,     ///< All that there were carried requests.
  irregular,      ///< One could not be kept after its response.
  server_closed,  ///< The server had closed one that was idle.
  our_limit,      ///< One had been idle for too long here, was too old or had served enough.
};

inline constexpr std::array all_opening_reasons{
    opening_reason::first, opening_reason::pool_empty, opening_reason::irregular,
    opening_reason::server_closed, opening_reason::our_limit};
[[nodiscard]] std::string_view to_string(opening_reason r);

/// What a route's pools have counted since they were made.
struct pool_totals {
  std::uint64_t opened = 0;
  std::uint64_t irregular = 0;
  std::uint64_t closed_by_server = 0;
  std::uint64_t closed_by_us = 0;  ///< The irregular ones included.
};

/// Gives each opening a reason: that of a closing that it makes good, in the order of the reasons,
/// and else that more were needed at once than there were. Pure; told of the totals again and
/// again.
class opening_reasons {
 public:
  void update(const pool_totals& now);
  [[nodiscard]] std::uint64_t count(opening_reason r) const {
    return counts_.at(static_cast<std::size_t>(r));
  }

 private:
  void add(opening_reason r, std::uint64_t openings) {
    counts_.at(static_cast<std::size_t>(r)) += openings;
  }

  pool_totals before_;
  std::uint64_t owed_irregular_ = 0;  // closings that no opening has made good
  std::uint64_t owed_by_server_ = 0;
  std::uint64_t owed_by_us_ = 0;
  std::array<std::uint64_t, all_opening_reasons.size()> counts_{};
};

}  // namespace waitstate::sidecar
