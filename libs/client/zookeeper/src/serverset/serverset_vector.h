#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// Which endpoints a weight is for.
struct serverset_selector {
  struct member {
    std::string node;  ///< "member_0000000007"
    friend bool operator==(const member&, const member&) = default;
  };
  struct shard {
    std::int32_t number = 0;
    friend bool operator==(const shard&, const shard&) = default;
  };
  std::variant<endpoint, member, shard> what;
  double weight = 1;

  friend bool operator==(const serverset_selector&, const serverset_selector&) = default;
};

/// The data of one `vector_` node: weights for some of the endpoints.
struct serverset_vector {
  std::vector<serverset_selector> selectors;
  std::size_t unusable = 0;  ///< Selectors that select nothing we know; they count for nothing.

  friend bool operator==(const serverset_vector&, const serverset_vector&) = default;
};

/// Reads {"vector":[{"select":"inet=host:port","weight":0.5,"priority":1}, ...]}; also
/// "member=member_0000000007" and "shard=3". A weight that is not there is 1; the priority says
/// nothing about weights. Fails with errc::corrupt.
[[nodiscard]] result<serverset_vector> parse_serverset_vector(std::string_view data);

/// Keeps the first `most` selectors of all vectors together; gives how many it took away. Each
/// member is held against each selector.
std::size_t limit_selectors(std::vector<serverset_vector>& vectors, std::size_t most);

/// What a selector is asked about.
struct serverset_candidate {
  std::string_view node;
  const endpoint* at = nullptr;
  std::optional<std::int32_t> shard;
};

/// The product of the weights that are for this endpoint, at most 1e6; nothing when one of them
/// is negative: -1 is how an operator takes an endpoint out.
[[nodiscard]] std::optional<double> serverset_weight(const std::vector<serverset_vector>& vectors,
                                                     const serverset_candidate& of);

}  // namespace waitstate::client
