#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proc/descriptor_scan.h"
#include "proc/process_facts.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// Says who owns a socket and lists the processes that matter: those that own a TCP socket, hold
/// ghosts, or are at 80 % of their descriptor limit. What /proc tells of a process is read when its
/// first socket comes.
class socket_owners {
 public:
  explicit socket_owners(descriptor_scan scan);

  /// The owner of a socket by its inode. Inode 0 is nobody's: TIME-WAIT, an orphan, or a
  /// connection not accepted yet. An inode that no process we can read holds is somebody's, hidden.
  [[nodiscard]] owner_ref owner_of(const socket_record& s);

  /// The process that an owner names, or nullptr; until the next owner is asked for.
  [[nodiscard]] const process* process_of(const owner_ref& owner) const;

  /// A process of an earlier look, or one that was met in between, in this look; added as it was
  /// then if it has gone since.
  [[nodiscard]] owner_ref owner_from_before(const process& before, std::uint64_t net_namespace);

  /// After the last socket: adds processes near their limit, counts ghosts in the `namespaces`
  /// (inode and index) that were read in full, and says what stayed hidden.
  struct visited {
    std::uint64_t inode = 0;
    std::uint32_t index = 0;
    bool in_full = true;
  };
  void finish(const std::vector<visited>& namespaces);

  /// After finish(): owner_ref::process is an index into these.
  [[nodiscard]] std::vector<process> take_processes() { return std::move(processes_); }
  /// After finish(): what was not seen.
  [[nodiscard]] std::vector<limit> take_limits() { return std::move(limits_); }

 private:
  [[nodiscard]] std::uint32_t registered(std::uint32_t scanned);
  [[nodiscard]] std::uint32_t add(process p, std::uint64_t net_namespace);
  void add_nearly_full(const std::set<std::uint64_t>& namespaces);
  void add_targets();
  void add_ghosts(const std::set<std::uint64_t>& namespaces);
  void add_hidden_limit();

  descriptor_scan scan_;
  std::vector<process> processes_;
  std::vector<limit> limits_;
  process_reader reader_;
  static constexpr std::uint32_t not_yet = 0xffffffff;
  std::vector<std::uint32_t> index_of_scanned_;  ///< In processes_, or not_yet.
  std::vector<std::uint64_t> namespace_of_;      ///< Inode, by index in processes_.
  std::map<std::pair<std::int32_t, std::string>, std::uint32_t> gone_;  ///< Not there any more.
  std::uint64_t hidden_ = 0;
};

/// At 80 % of the limit or over it.
[[nodiscard]] bool is_nearly_full(std::uint64_t fd_count, const procfs::fd_limits& limits);

/// The limit that says how many owners stayed hidden and why. Even root may not look into every
/// process where it lacks CAP_SYS_PTRACE.
[[nodiscard]] limit hidden_owners(std::uint64_t sockets, std::uint64_t unreadable_processes,
                                  bool is_root);

}  // namespace waitstate::kernel
