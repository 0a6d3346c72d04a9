#pragma once

#include <cstdint>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/client/zookeeper/serverset_member.h"

namespace waitstate::client {

/// The status of that number, as the Thrift enumeration has it.
[[nodiscard]] serverset_status serverset_status_of(std::int64_t number);

/// An endpoint from what a node says; see serverset_member for what is not usable.
[[nodiscard]] endpoint serverset_endpoint(std::string_view host, std::int64_t port);

/// Reads the struct that old members wrote with Thrift's binary protocol:
///
///     Endpoint        { 1: string host, 2: i32 port }
///     ServiceInstance { 1: Endpoint serviceEndpoint, 2: map<string, Endpoint> additionalEndpoints,
///                       3: Status status, 4: optional i32 shard,
///                       5: optional map<string, string> metadata }
///
/// Fields it does not know are skipped, 8 levels deep at most. Fails with errc::corrupt, also
/// for names that are no UTF-8.
[[nodiscard]] result<serverset_member> parse_serverset_thrift(std::string_view data);

}  // namespace waitstate::client
