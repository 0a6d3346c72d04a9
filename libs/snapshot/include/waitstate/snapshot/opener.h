#pragma once

#include <chrono>
#include <cstdint>

namespace waitstate {

/// A process that was seen to open sockets again and again while its descriptors were watched for
/// a moment. TIME-WAIT has no owner, but who made it most likely goes on. Where none was caught
/// with a new socket, it is the only program at work in its namespace, and both counts are 0.
struct opener {
  std::uint32_t process = 0;        ///< Index into snapshot::processes.
  std::uint32_t net_namespace = 0;  ///< Index into snapshot::namespaces.
  /// Different sockets that appeared meanwhile; of those that live shorter than a sample some are
  /// missed, so there were this many or more.
  std::uint64_t sockets = 0;
  /// Short-lived children that it started meanwhile: a script that runs a client for each call.
  std::uint64_t children = 0;
  std::chrono::milliseconds watched{0};

  friend bool operator==(const opener&, const opener&) = default;
};

}  // namespace waitstate
