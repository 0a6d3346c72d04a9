#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "serverset/serverset_vector.h"
#include "waitstate/client/core/endpoint_set.h"
#include "waitstate/client/zookeeper/serverset_member.h"
#include "waitstate/client/zookeeper/zookeeper_source.h"

namespace waitstate::client {

/// A member and the name of its node.
struct serverset_entry {
  std::string node;
  serverset_member member;
};

/// Which endpoints are wanted.
struct serverset_filter {
  std::optional<std::string> endpoint_name;  ///< Not set: the one without a name.
  std::optional<std::int32_t> shard;         ///< Not set: any.
};

struct serverset_endpoints {
  std::vector<weighted_endpoint> endpoints;  ///< In order, each once.
  serverset_left_out left_out;
};

/// The endpoints that calls can go to: of members that are alive and of the wanted shard, the one
/// of the wanted name, by weight. Two members with the same endpoint (one that was restarted, and
/// its former node) give it once, with the weight of the newer node. Pure.
[[nodiscard]] serverset_endpoints serverset_select(std::vector<serverset_entry> entries,
                                                   const std::vector<serverset_vector>& vectors,
                                                   const serverset_filter& wanted);

}  // namespace waitstate::client
