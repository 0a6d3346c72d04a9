#include "reading/process_table.h"

#include <algorithm>

#include "waitstate/snapshot/runtime.h"

namespace waitstate::paste {

std::uint32_t process_table::index_of(std::int32_t pid, std::string_view name) {
  if (pid != 0) {
    if (const auto found = by_pid_.find(pid); found != by_pid_.end()) {
      auto& known = builder_.process_at(found->second);
      if (known.name.empty() && !name.empty()) {
        known.name = name;
        known.runtime = runtime_of(name, {}, {});
      }
      return found->second;
    }
  }
  std::pair key{pid, std::string(name)};
  if (const auto found = index_.find(key); found != index_.end()) return found->second;
  if (builder_.process_count() >= processes_max) {
    // One without a name stands for all the others, so that none of them is blamed for the rest.
    if (!nameless_) nameless_ = builder_.add_process({});
    ++folded_;
    return *nameless_;
  }
  process p;
  p.pid = pid;
  p.name = name;
  p.runtime = runtime_of(name, {}, {});
  const auto index = builder_.add_process(std::move(p));
  index_.emplace(std::move(key), index);
  if (pid != 0) by_pid_.emplace(pid, index);
  return index;
}

std::optional<std::uint32_t> process_table::known(std::int32_t pid) const {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? std::nullopt : std::optional(found->second);
}

void process_table::add_descriptor(const lsof_other& row) {
  auto name = row.program;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  auto& seen = seen_[index_of(row.pid, name)];
  switch (row.kind) {
    case descriptor_kind::socket_without_protocol:
      ++seen.fds.sockets;
      ++seen.ghosts;
      break;
    case descriptor_kind::other_socket: ++seen.fds.sockets; break;
    case descriptor_kind::file: ++seen.fds.files; break;
    case descriptor_kind::pipe: ++seen.fds.pipes; break;
    case descriptor_kind::other: ++seen.fds.other; break;
    case descriptor_kind::not_a_descriptor: seen.whole = true; break;
  }
}

void process_table::set_descriptor_count(std::int32_t pid, std::string_view name,
                                         std::uint64_t count) {
  if (pid == 0 && name.empty()) {
    unattributed_count_ = count;
    return;
  }
  counted_ = index_of(pid, name);
  builder_.process_at(*counted_).fd_count = count;
}

void process_table::set_ghost_count(std::int32_t pid, std::string_view name, std::uint64_t count) {
  const bool is_of_one = pid == 0 && name.empty() && builder_.process_count() == 1;
  auto& p = builder_.process_at(is_of_one ? 0 : index_of(pid, name));
  p.ghost_sockets = std::max(p.ghost_sockets.value_or(0), count);
}

void process_table::set_limit(std::int32_t pid, const procfs::fd_limits& limits) {
  if (pid == 0) {
    unattributed_limits_ = limits;
    return;
  }
  counted_ = index_of(pid, {});
  auto& p = builder_.process_at(*counted_);
  p.fd_limit = limits.soft;
  p.fd_limit_hard = limits.hard;
}

std::optional<std::uint32_t> process_table::subject() const {
  if (counted_) return counted_;
  if (seen_.size() == 1) return seen_.begin()->first;
  if (builder_.process_count() == 1) return 0;
  return std::nullopt;
}

void process_table::finish() {
  for (const auto& [index, seen] : seen_) {
    auto& p = builder_.process_at(index);
    p.fds = seen.fds;
    if (seen.ghosts > 0) p.ghost_sockets = std::max(p.ghost_sockets.value_or(0), seen.ghosts);
    const auto& f = seen.fds;
    if (seen.whole && !p.fd_count) {
      p.fd_count = f.sockets + f.files + f.pipes + f.anonymous + f.other;
    }
  }
  auto one = subject();
  // A count at its limit is one process's, though no line names it; far over it, that of many. lsof
  // lists some files that take no descriptor: up to a tenth more than the limit is at it.
  if (!one && unattributed_count_ && unattributed_limits_.soft &&
      *unattributed_count_ * 10 <= *unattributed_limits_.soft * 11) {
    one = index_of(0, {});
  }
  if (unattributed_count_) {
    if (one && !builder_.process_at(*one).fd_count) {
      builder_.process_at(*one).fd_count = unattributed_count_;
    } else if (!builder_.host().open_files) {
      builder_.host().open_files = unattributed_count_;
    }
  }
  if (!unattributed_limits_.soft) return;
  if (one && !builder_.process_at(*one).fd_limit) {
    builder_.process_at(*one).fd_limit = unattributed_limits_.soft;
    builder_.process_at(*one).fd_limit_hard = unattributed_limits_.hard;
  } else {
    builder_.host().sysctls.insert_or_assign("RLIMIT_NOFILE",
                                             std::to_string(*unattributed_limits_.soft));
  }
}

}  // namespace waitstate::paste
