#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// The most that a server may weigh, so that sums and shares of them stay numbers.
inline constexpr double weight_max = 1e6;

/// A server and its share of the work. A server of weight 2 gets twice what one of weight 1 gets;
/// one of weight 0 gets nothing while there is any other.
struct weighted_endpoint {
  endpoint at{};
  double weight = 1;  ///< 0 to weight_max; more counts as that.
  /// Where `at` is reached, as addresses, the preferred family first, where the source knows them:
  /// one server, whose connections are spread over them. Empty: the host of `at` is looked up when
  /// a connection is made, if it is a name.
  std::vector<endpoint> addresses{};

  friend bool operator==(const weighted_endpoint&, const weighted_endpoint&) = default;
};

/// How far what a source says can be relied on.
enum class source_state : std::uint8_t {
  pending,  ///< Nothing is known yet; `why` may say what keeps it.
  ok,       ///< This is what it is now. May be empty. `why`: it cannot be asked just now.
  stale,    ///< What it was when it could last be asked; `why` says what is wrong.
};

[[nodiscard]] std::string_view to_string(source_state s);

/// The servers of one service, as known now.
struct endpoint_set {
  std::vector<weighted_endpoint> endpoints{};  ///< Each endpoint once, in order.
  std::uint64_t generation = 0;                ///< Goes up with every change of `endpoints`.
  source_state state = source_state::pending;
  std::optional<error> why{};  ///< What keeps the source from being asked.
};

/// Reads one endpoint per line, as parse_endpoint() has it, each with an optional weight after a
/// blank: "10.0.0.7:80", "db-1:5432 2.5", "unix:/run/db". Empty lines and whatever follows a '#'
/// do not count.
///
/// Fails with errc::corrupt, with the number of the line, for a line that is none, an endpoint that
/// is there twice, and a list without any: a half-written file must not take servers away.
[[nodiscard]] result<std::vector<weighted_endpoint>> parse_endpoint_list(std::string_view text);

/// The inverse: parse_endpoint_list(to_text(list)) gives `list`.
[[nodiscard]] std::string to_text(const std::vector<weighted_endpoint>& list);

}  // namespace waitstate::client
