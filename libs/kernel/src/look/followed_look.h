#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "look/met_processes.h"
#include "look/socket_owners.h"
#include "trace/follower.h"
#include "waitstate/snapshot/followed_connections.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// What was followed since the look before, in the terms of this one.
class followed_look {
 public:
  /// More flows than any report tells of; the others are counted.
  static constexpr std::size_t flows_max = 256;

  explicit followed_look(followed met);

  /// Who closed a socket that nobody holds any more; nullptr where that was not seen.
  [[nodiscard]] const process* closer_of(const socket_record& s, std::uint64_t net_namespace);
  /// Says of a CLOSE-WAIT how long it is one, where its beginning was seen.
  void add_age(socket_record& s, std::uint64_t net_namespace);

  /// The flows of these namespaces; their processes become some of `owners`.
  [[nodiscard]] followed_connections flows(const std::vector<socket_owners::visited>& namespaces,
                                           socket_owners& owners) const;

 private:
  followed met_;
  met_processes processes_;
};

}  // namespace waitstate::kernel
