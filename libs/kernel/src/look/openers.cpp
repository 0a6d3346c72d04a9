#include "waitstate/kernel/openers.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "look/socket_churn.h"
#include "proc/directory.h"
#include "proc/owner_table.h"
#include "proc/proc_file.h"
#include "proc/process_facts.h"

namespace waitstate::kernel {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t openers_max = 8;
// A socket that finds no port lives for less than a millisecond.
constexpr auto pause = std::chrono::microseconds(300);

std::vector<std::int32_t> processes_now() {
  std::vector<std::int32_t> pids;
  const auto proc = open_directory("/proc");
  while (proc != nullptr) {
    const auto* const entry = ::readdir(proc.get());
    if (entry == nullptr) break;
    if (const auto pid = to_number<std::int32_t>(entry->d_name)) pids.push_back(*pid);
  }
  return pids;
}

std::uint64_t namespace_of(std::int32_t pid) {
  struct stat ns{};
  return ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &ns) == 0 ? ns.st_ino : 0;
}

/// Takes samples until the moment is over; never sleeps past it, and looks at the clock in between,
/// so that a host with very many descriptors costs no more.
class watch {
 public:
  watch(const snapshot& s, clock::time_point until) : until_(until) {
    for (std::uint32_t i = 0; i < s.namespaces.size(); ++i) {
      index_of_namespace_[s.namespaces[i].inode] = i;
    }
  }

  void run() {
    for (const auto pid : processes_now()) {
      known_.insert(pid);
      if (clock::now() > until_) continue;
      if (!watches(pid)) continue;
      switches_before_.emplace(pid, switches_of(pid));
      sample(pid);
    }
    while (clock::now() + pause < until_) {
      std::this_thread::sleep_for(pause);
      for (const auto& [pid, ns] : watched_) {
        if (clock::now() > until_) return;
        sample(pid);
      }
      look_for_children();
    }
  }

  [[nodiscard]] std::vector<socket_churn::count> busiest() const { return churn_.busiest(); }

  /// The one process of a namespace that was at work, besides those that serve; nobody where there
  /// are several. Where only servers are, the one that is: a proxy does both.
  [[nodiscard]] std::vector<std::int32_t> alone_at_work(
      const std::set<std::int32_t>& servers) const {
    // Among hundreds there is never one alone, and asking all of them would take its time.
    if (watched_.size() > alone_among_max) return {};
    std::map<std::uint32_t, std::vector<std::int32_t>> at_work;
    for (const auto& [pid, ns] : watched_) {
      const auto before = switches_before_.find(pid);
      if (pid == ::getpid() || before == switches_before_.end()) continue;
      if (switches_of(pid) >= before->second + switches_at_work) at_work[ns].push_back(pid);
    }
    std::vector<std::int32_t> alone;
    for (const auto& [ns, pids] : at_work) {
      std::vector<std::int32_t> clients;
      std::ranges::copy_if(pids, std::back_inserter(clients),
                           [&](std::int32_t pid) { return !servers.contains(pid); });
      const auto& meant = clients.empty() ? pids : clients;
      if (meant.size() == 1) alone.push_back(meant.front());
    }
    return alone;
  }
  [[nodiscard]] std::optional<std::uint32_t> namespace_index(std::int32_t pid) const {
    const auto known = watched_.find(pid);
    return known == watched_.end() ? std::nullopt : std::optional(known->second);
  }

 private:
  /// A program that waits is woken by its timers a few times in a moment.
  static constexpr std::uint64_t switches_at_work = 20;
  static constexpr std::size_t alone_among_max = 256;

  static std::uint64_t switches_of(std::int32_t pid) {
    const auto status = read_file(fmt::format("/proc/{}/status", pid), 4096);
    return parse_context_switches(status.value_or(""));
  }

  bool watches(std::int32_t pid) {
    const auto ns = index_of_namespace_.find(namespace_of(pid));
    if (ns == index_of_namespace_.end()) return false;
    watched_.emplace(pid, ns->second);
    return true;
  }

  void sample(std::int32_t pid) {
    inodes_.clear();
    const auto fds = open_directory(fmt::format("/proc/{}/fd", pid));
    const int folder = fds == nullptr ? -1 : ::dirfd(fds.get());
    while (folder >= 0 && clock::now() < until_) {
      const auto* const entry = ::readdir(fds.get());
      if (entry == nullptr) break;
      std::array<char, 64> link{};
      const auto size = ::readlinkat(folder, entry->d_name, link.data(), link.size());
      if (size <= 0) continue;
      const auto inode = parse_socket_link({link.data(), static_cast<std::size_t>(size)});
      if (inode) inodes_.push_back(*inode);
    }
    churn_.see(pid, inodes_);
  }

  void look_for_children() {
    for (const auto pid : processes_now()) {
      if (!known_.insert(pid).second) continue;
      const auto stat = read_file(fmt::format("/proc/{}/stat", pid), 512);
      if (!stat) continue;
      const auto parent = parse_parent(*stat);
      if (watched_.contains(parent) && watches(pid)) churn_.see_child(pid, parent);
    }
  }

  clock::time_point until_;
  std::map<std::uint64_t, std::uint32_t> index_of_namespace_;
  std::set<std::int32_t> known_;
  std::map<std::int32_t, std::uint32_t> watched_;
  std::map<std::int32_t, std::uint64_t> switches_before_;
  std::vector<std::uint64_t> inodes_;
  socket_churn churn_;
};

/// Those that own a listener or are children of such: each connection that they accept is a new
/// socket, too.
std::set<std::int32_t> servers_in(const snapshot& s) {
  std::set<std::int32_t> owners;
  for (const auto& l : s.listeners) {
    if (const auto* p = s.owner_of(l.owner)) owners.insert(p->pid);
  }
  auto servers = owners;
  for (const auto pid : processes_now()) {
    const auto stat = read_file(fmt::format("/proc/{}/stat", pid), 512);
    if (stat && owners.contains(parse_parent(*stat))) servers.insert(pid);
  }
  return servers;
}

}  // namespace

void find_openers(snapshot& s, std::chrono::milliseconds moment) {
  watch watching(s, clock::now() + moment);
  watching.run();
  const auto self = ::getpid();
  for (const auto& one : watching.busiest()) {
    if (s.openers.size() == openers_max) break;
    const auto ns = watching.namespace_index(one.pid);
    if (one.pid == self || !ns) continue;
    s.openers.push_back({.process = add_process(s, one.pid, *ns),
                         .net_namespace = *ns,
                         .sockets = one.sockets,
                         .children = one.children,
                         .watched = moment});
  }
  const auto servers = servers_in(s);
  const bool only_servers = std::ranges::all_of(
      s.openers, [&](const opener& o) { return servers.contains(s.processes[o.process].pid); });
  if (!only_servers) return;
  for (const auto pid : watching.alone_at_work(servers)) {
    const auto ns = watching.namespace_index(pid).value_or(0);
    const bool is_known = std::ranges::any_of(
        s.openers, [&](const opener& o) { return s.processes[o.process].pid == pid; });
    if (is_known) continue;
    s.openers.push_back(
        {.process = add_process(s, pid, ns), .net_namespace = ns, .watched = moment});
    if (s.openers.size() >= openers_max) break;
  }
}

}  // namespace waitstate::kernel
