#include "waitstate/kernel/workers.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "proc/directory.h"
#include "proc/owner_table.h"
#include "proc/proc_file.h"
#include "proc/process_facts.h"
#include "proc/thread_places.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t masters_max = 8;
constexpr std::size_t workers_max = 64;
constexpr std::size_t descriptors_max = 4'096;

using file_id = std::pair<std::uint64_t, std::uint64_t>;

/// What a program runs, by device and inode; nothing where we may not see it.
std::optional<file_id> program_of(std::int32_t pid) {
  struct stat file{};
  if (::stat(fmt::format("/proc/{}/exe", pid).c_str(), &file) != 0) return std::nullopt;
  return file_id{file.st_dev, file.st_ino};
}

std::int32_t parent_of(std::int32_t pid) {
  return parse_parent(read_file(fmt::format("/proc/{}/stat", pid), 512).value_or(""));
}

/// A process that others may work for, and what those are told by.
struct master {
  std::uint32_t process = 0;
  std::int32_t pid = 0;
  std::optional<file_id> program;
  std::set<std::uint32_t> listeners;  ///< Inodes.
};

std::vector<master> masters_in(const snapshot& s, const std::vector<std::int32_t>& pids) {
  std::vector<master> masters;
  for (std::uint32_t i = 0; i < s.processes.size() && masters.size() < masters_max; ++i) {
    const auto pid = s.processes[i].pid;
    if (pid <= 0 || std::ranges::find(pids, pid) == pids.end()) continue;
    master m{.process = i, .pid = pid, .program = program_of(pid), .listeners = {}};
    for (const auto& l : s.listeners) {
      const bool is_owned = l.owner.kind == ownership::owned && l.owner.process == i;
      if (is_owned && l.inode != 0) m.listeners.insert(l.inode);
    }
    masters.push_back(std::move(m));
  }
  return masters;
}

bool holds_any(std::int32_t pid, const std::set<std::uint32_t>& inodes) {
  if (inodes.empty()) return false;
  const auto fds = open_directory(fmt::format("/proc/{}/fd", pid));
  const int folder = fds == nullptr ? -1 : ::dirfd(fds.get());
  for (std::size_t i = 0; folder >= 0 && i < descriptors_max; ++i) {
    const auto* const entry = ::readdir(fds.get());
    if (entry == nullptr) break;
    std::array<char, 64> link{};
    const auto size = ::readlinkat(folder, entry->d_name, link.data(), link.size());
    if (size <= 0) continue;
    const auto inode = parse_socket_link({link.data(), static_cast<std::size_t>(size)});
    if (inode && inodes.contains(*inode)) return true;
  }
  return false;
}

std::vector<std::int32_t> processes_now() {
  std::vector<std::int32_t> pids;
  const auto proc = open_directory("/proc");
  while (proc != nullptr) {
    const auto* const entry = ::readdir(proc.get());
    if (entry == nullptr) break;
    if (const auto pid = to_number<std::int32_t>(entry->d_name)) pids.push_back(*pid);
  }
  std::ranges::sort(pids);
  return pids;
}

/// Only children and others of the same program have their descriptors looked at: on a host with
/// very many processes all of them would take too long.
std::optional<worker> worker_for(const master& m, std::int32_t pid, std::int32_t parent,
                                 const std::optional<file_id>& program) {
  const bool is_child = parent == m.pid;
  const bool is_same = program && program == m.program;
  if (pid == m.pid || (!is_child && !is_same)) return std::nullopt;
  worker w{.works_for = m.process,
           .holds_listener = holds_any(pid, m.listeners),
           .is_same_program = is_same};
  if (!w.holds_listener && !(is_child && is_same)) return std::nullopt;
  return w;
}

void add_places(process& p) {
  if (p.threads.empty()) p.threads = read_thread_places(p.pid);
}

}  // namespace

void find_workers(snapshot& s, const std::vector<std::int32_t>& pids) {
  const auto masters = masters_in(s, pids);
  if (masters.empty()) return;
  for (const auto& m : masters) add_places(s.processes[m.process]);
  std::array<std::size_t, masters_max> found{};
  for (const auto pid : processes_now()) {
    const auto parent = parent_of(pid);
    const auto program = program_of(pid);
    for (std::size_t i = 0; i < masters.size(); ++i) {
      if (found.at(i) == workers_max) continue;
      auto w = worker_for(masters[i], pid, parent, program);
      if (!w) continue;
      ++found.at(i);
      w->process = add_process(s, pid, s.processes[masters[i].process].net_namespace);
      add_places(s.processes[w->process]);
      s.workers.push_back(*w);
    }
  }
}

}  // namespace waitstate::kernel
