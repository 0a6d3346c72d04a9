#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "look/followed_sockets.h"
#include "waitstate/base/result.h"
#include "waitstate/snapshot/followed_connections.h"

namespace waitstate::kernel {

/// A process as it was called when it opened or closed a connection, and who had started it; the
/// parent is known of openers alone, else 0.
struct met_process {
  std::string name;
  std::int32_t parent = 0;
  std::string parent_name;
};

/// A flow by who was there at its time; its namespace, opener and closer are not set.
struct met_flow {
  followed_flow flow;
  std::uint64_t net_namespace = 0;  ///< Inode.
  std::int32_t opener = 0;          ///< Pids; 0: nobody that was seen.
  std::int32_t closer = 0;
};

/// What was followed since the start, or since the last time it was asked for.
struct followed {
  std::chrono::milliseconds watched{0};
  std::vector<met_flow> flows;
  std::map<std::int32_t, met_process> processes;  ///< By pid, those of the flows.
  followed_sockets sockets;
  std::uint64_t not_counted = 0;  ///< As in followed_connections; since the start.
};

/// Follows every TCP connection in the kernel from one look at the sockets to the next (the program
/// of the tracer): adds up there what ends, and remembers there who made what a look finds without
/// an owner. At most 262,144 connections are followed at once, 16,384 flows are added up and
/// 524,288 closed sockets remembered for as long as a TIME-WAIT lasts; what goes beyond is counted.
///
/// Not for use by several threads at once. What it attaches is gone with it.
class follower {
 public:
  /// `net_namespace` as in list_options. Fails as tracer::start() does.
  [[nodiscard]] static result<follower> start(std::string_view net_namespace);
  ~follower();
  follower(follower&&) noexcept;
  follower& operator=(follower&&) noexcept;

  /// Takes what was added up and begins anew; the sockets are those that were followed since the
  /// start.
  [[nodiscard]] result<followed> take();

 private:
  struct state;
  explicit follower(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::kernel
