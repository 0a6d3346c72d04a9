#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/snapshot/runtime.h"

namespace waitstate {

/// The open descriptors of a process by what they refer to.
struct fd_kinds {
  std::uint64_t sockets = 0;
  std::uint64_t files = 0;
  std::uint64_t pipes = 0;
  std::uint64_t anonymous = 0;  ///< epoll, eventfd, timerfd, inotify and the like.
  std::uint64_t other = 0;

  friend bool operator==(const fd_kinds&, const fd_kinds&) = default;
};

/// What several descriptors of a process lead to: a path, "epoll", "pipe".
struct fd_target {
  std::string target;
  std::uint64_t count = 0;

  friend bool operator==(const fd_target&, const fd_target&) = default;
};

/// Where threads of a process are in the kernel: the function that they sleep in, or empty where
/// they run.
struct thread_place {
  std::string place;
  std::uint64_t threads = 0;

  friend bool operator==(const thread_place&, const thread_place&) = default;
};

/// A process that owns sockets, or that a paste names. What the source did not see is nullopt,
/// never 0.
struct process {
  std::int32_t pid = 0;  ///< 0: the paste gives a name only.
  std::string name;      ///< comm, or the name that the paste shows.
  std::string command_line;
  std::int32_t parent = 0;  ///< The pid of the process that started it; 0: not seen.
  waitstate::runtime runtime = runtime::unknown;
  std::uint32_t net_namespace = 0;  ///< Index into snapshot::namespaces.
  std::string cgroup;               ///< The path in cgroup v2, or empty.
  std::string container_name;       ///< As its runtime calls its container, or empty.

  std::optional<std::uint64_t> fd_count;
  std::optional<std::uint64_t> fd_limit;  ///< The soft RLIMIT_NOFILE.
  std::optional<std::uint64_t> fd_limit_hard;
  std::optional<fd_kinds> fds;
  /// Of one that is near its limit: what most of them lead to but for sockets, at most three.
  std::vector<fd_target> fd_targets;
  /// Descriptors whose TCP socket is in no kernel table.
  std::optional<std::uint64_t> ghost_sockets;
  /// TCP sockets that were made and never connected, where these could be told from ghosts; else
  /// they are counted as such.
  std::optional<std::uint64_t> unconnected_sockets;
  /// Growth between two looks, per second; without a second look, nullopt.
  std::optional<double> fd_growth_per_second;
  std::optional<double> ghost_growth_per_second;

  /// 'R', 'S', 'D', 'T', 'Z' as /proc/PID/stat has it, or 0.
  char activity = 0;
  /// Where the main thread sleeps in the kernel (/proc/PID/wchan), or empty.
  std::string waits_in;
  /// All its threads by where they are, the most first; empty unless that was looked at.
  std::vector<thread_place> threads;
};

/// "nginx (pid 812)", "nginx" without a pid, "pid 812" without a name.
[[nodiscard]] std::string to_string(const process& p);

}  // namespace waitstate
