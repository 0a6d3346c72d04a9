#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rows/readers.h"
#include "waitstate/procfs/fd_limits.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// The processes that a paste names, with what it says of their descriptors. Bounded; past the
/// bound every process is the last one.
class process_table {
 public:
  /// Few hosts have as many, and no text names them all.
  static constexpr std::size_t processes_max = 16'384;

  explicit process_table(snapshot_builder& builder) : builder_(builder) {}

  /// The index for owner_ref::process. A pid without a name is the process of that pid that has
  /// one.
  std::uint32_t index_of(std::int32_t pid, std::string_view name);

  /// The process of that pid, where the text names one.
  [[nodiscard]] std::optional<std::uint32_t> known(std::int32_t pid) const;

  /// One more descriptor of a process, from a row of lsof.
  void add_descriptor(const lsof_other& row);
  void add_socket_descriptor(std::uint32_t process) { ++seen_[process].fds.sockets; }
  /// `lsof -p PID | wc -l` and the like; pid 0: of the one process that the paste is about.
  void set_descriptor_count(std::int32_t pid, std::string_view name, std::uint64_t count);
  /// `lsof -p PID | grep "can't identify protocol" | wc -l`; pid and name as above.
  void set_ghost_count(std::int32_t pid, std::string_view name, std::uint64_t count);
  /// With a soft limit; pid 0 as above.
  void set_limit(std::int32_t pid, const procfs::fd_limits& limits);

  /// Gives counts and limits that no line named a process for to the only one they can be of; or,
  /// where no process is named at all, to one without a name if the count fits under the limit.
  /// What stays without a process is filed under the host: the limit as sysctl "RLIMIT_NOFILE",
  /// the count of all open files as open_files.
  void finish();

  /// Mentions of processes past the bound, which are all taken for one without a name.
  [[nodiscard]] std::uint64_t folded() const { return folded_; }

 private:
  struct seen_descriptors {
    fd_kinds fds;
    std::uint64_t ghosts = 0;
    bool whole = false;  ///< The listing was not filtered: it has rows like cwd and txt.
  };
  [[nodiscard]] std::optional<std::uint32_t> subject() const;

  snapshot_builder& builder_;
  std::map<std::pair<std::int32_t, std::string>, std::uint32_t, std::less<>> index_;
  std::map<std::int32_t, std::uint32_t> by_pid_;
  std::optional<std::uint32_t> nameless_;  ///< Stands for those past the bound.
  std::uint64_t folded_ = 0;
  std::map<std::uint32_t, seen_descriptors> seen_;
  std::optional<std::uint32_t> counted_;
  std::optional<std::uint64_t> unattributed_count_;
  procfs::fd_limits unattributed_limits_;
};

}  // namespace waitstate::paste
