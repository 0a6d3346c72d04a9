#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/redis/redis_reply.h"

namespace waitstate::client {

/// What a server says it is, when asked with ROLE.
struct redis_role {
  bool is_primary = false;
  std::int64_t offset = 0;   ///< Of the replication stream: how much of the data's history it has.
  std::size_t replicas = 0;  ///< Of a primary: connected to it.
  bool is_linked = false;    ///< Of a replica: it follows its primary right now.

  friend bool operator==(const redis_role&, const redis_role&) = default;
};

/// Reads the reply to ROLE. Fails with errc::corrupt for an error reply, a sentinel and what is no
/// such reply.
[[nodiscard]] result<redis_role> parse_redis_role(const redis_reply& r);

/// A server and what it said; nothing when it did not answer.
struct redis_server {
  endpoint at{};
  std::optional<redis_role> role{};
};

/// Who gets writes and who gets reads. Nothing: what was known before stays.
struct redis_roles {
  std::optional<endpoint> primary{};
  std::optional<std::vector<endpoint>> replicas{};  ///< Who answers reads; never empty.

  friend bool operator==(const redis_roles&, const redis_roles&) = default;
};

/// Decides from what all servers said. Pure.
///
/// There is never more than one primary. When several say that they are one (an old one came back,
/// or a promotion is half done), it is the one with most connected replicas; of equals the one that
/// has the most history, then the one that `was` the primary before, then the first. A primary that
/// came back without its data, or without its replicas, so does not take over.
///
/// Reads go to the replicas that follow their primary; when there are none, to the primary; when
/// that does not answer either, to whatever replica does: old data rather than none.
[[nodiscard]] redis_roles decide_redis_roles(std::span<const redis_server> servers,
                                             const std::optional<endpoint>& was);

}  // namespace waitstate::client
