#include "look/socket_owners.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "look/ghosts.h"
#include "proc/descriptor_targets.h"
#include "waitstate/base/text.h"

namespace waitstate::kernel {

socket_owners::socket_owners(descriptor_scan scan)
    : scan_(std::move(scan)), index_of_scanned_(scan_.processes.size(), not_yet) {}

owner_ref socket_owners::owner_of(const socket_record& s) {
  if (s.inode == 0) return {.kind = ownership::none};
  const auto scanned = scan_.owners.owner_of(s.inode);
  if (!scanned) {
    hidden_ += s.count;
    return {.kind = ownership::hidden};
  }
  return {.kind = ownership::owned, .process = registered(*scanned)};
}

const process* socket_owners::process_of(const owner_ref& owner) const {
  return owner.kind == ownership::owned ? &processes_[owner.process] : nullptr;
}

owner_ref socket_owners::owner_from_before(const process& before, std::uint64_t net_namespace) {
  const auto now = std::ranges::lower_bound(scan_.processes, before.pid, {}, &scanned_process::pid);
  if (now != scan_.processes.end() && now->pid == before.pid) {
    const auto index = registered(static_cast<std::uint32_t>(now - scan_.processes.begin()));
    // Another name: the pid was given to another program meanwhile.
    const bool same = processes_[index].name == before.name;
    if (same) return {.kind = ownership::owned, .process = index};
  }
  const auto [known, is_new] = gone_.try_emplace({before.pid, before.name}, 0);
  if (is_new) known->second = add(before, net_namespace);
  return {.kind = ownership::owned, .process = known->second};
}

std::uint32_t socket_owners::registered(std::uint32_t scanned) {
  auto& index = index_of_scanned_[scanned];
  if (index != not_yet) return index;
  const auto& found = scan_.processes[scanned];
  auto p = reader_.read(found.pid);
  p.fd_count = found.fd_count;
  p.fds = found.kinds;
  index = add(std::move(p), found.net_namespace);
  return index;
}

std::uint32_t socket_owners::add(process p, std::uint64_t net_namespace) {
  p.net_namespace = 0;
  namespace_of_.push_back(net_namespace);
  processes_.push_back(std::move(p));
  return static_cast<std::uint32_t>(processes_.size() - 1);
}

void socket_owners::finish(const std::vector<visited>& namespaces) {
  std::set<std::uint64_t> seen;
  std::set<std::uint64_t> in_full;
  for (const auto& ns : namespaces) {
    seen.insert(ns.inode);
    if (ns.in_full) in_full.insert(ns.inode);
  }
  add_nearly_full(seen);
  add_targets();
  add_ghosts(in_full);
  add_hidden_limit();
  for (std::uint32_t i = 0; i < namespace_of_.size(); ++i) {
    const auto ns = std::ranges::find(namespaces, namespace_of_[i], &visited::inode);
    if (ns != namespaces.end()) processes_[i].net_namespace = ns->index;
  }
}

void socket_owners::add_nearly_full(const std::set<std::uint64_t>& namespaces) {
  // Below this a limit would be lower than any in use; saves reading every process's limits.
  constexpr std::uint64_t fd_count_min = 48;
  for (std::uint32_t i = 0; i < scan_.processes.size(); ++i) {
    const auto& p = scan_.processes[i];
    if (p.fd_count < fd_count_min || !namespaces.contains(p.net_namespace)) continue;
    if (index_of_scanned_[i] != not_yet) continue;
    if (is_nearly_full(p.fd_count, process_reader::limits_of(p.pid))) (void)registered(i);
  }
}

/// Costs a second walk over the descriptors, and only of those few that are in trouble by something
/// else than sockets: what these lead to is known.
void socket_owners::add_targets() {
  constexpr std::size_t targets_shown = 3;
  for (auto& p : processes_) {
    const procfs::fd_limits limits{.soft = p.fd_limit, .hard = p.fd_limit_hard};
    if (!p.fd_count || !is_nearly_full(*p.fd_count, limits)) continue;
    if (p.fds && p.fds->sockets * 2 > *p.fd_count) continue;
    p.fd_targets = read_targets(p.pid).most_frequent(targets_shown);
  }
}

void socket_owners::add_ghosts(const std::set<std::uint64_t>& namespaces) {
  const auto ghosts = count_ghosts(scan_, namespaces);
  for (const auto& [scanned, count] : ghosts.by_process) {
    processes_[registered(scanned)].ghost_sockets = count;
  }
  for (const auto& [scanned, count] : ghosts.unconnected_by_process) {
    processes_[registered(scanned)].unconnected_sockets = count;
  }
  if (ghosts.unchecked > 0) {
    limits_.push_back({.id = "unchecked-descriptors",
                       .text = fmt::format("{} not looked at for ghosts: more than 50,000 are in "
                                           "no TCP table",
                                           counted(ghosts.unchecked, "socket descriptor")),
                       .hint = {}});
    return;
  }
  for (std::uint32_t i = 0; i < scan_.processes.size(); ++i) {
    if (index_of_scanned_[i] == not_yet) continue;
    if (!namespaces.contains(scan_.processes[i].net_namespace)) continue;
    auto& p = processes_[index_of_scanned_[i]];
    p.ghost_sockets = p.ghost_sockets.value_or(0);
  }
}

void socket_owners::add_hidden_limit() {
  if (hidden_ > 0) {
    limits_.push_back(hidden_owners(hidden_, scan_.unreadable_processes, ::geteuid() == 0));
  }
  if (scan_.owners.not_kept() == 0) return;
  limits_.push_back({.id = "unkept-owners",
                     .text = fmt::format("{} over {} were read without their owner",
                                         counted(scan_.owners.not_kept(), "held socket"),
                                         grouped(owner_table::sockets_max)),
                     .hint = {}});
}

bool is_nearly_full(std::uint64_t fd_count, const procfs::fd_limits& limits) {
  return limits.soft && fd_count * 10 >= *limits.soft * 8;
}

limit hidden_owners(std::uint64_t sockets, std::uint64_t unreadable_processes, bool is_root) {
  const auto who = sockets == 1 ? std::string("the owner of 1 socket is")
                                : fmt::format("owners of {} are", counted(sockets, "socket"));
  // With hidepid the processes of others are not even listed.
  if (is_root && unreadable_processes == 0) {
    return {.id = "unmatched-owners",
            .text = who +
                    " not known: opened or passed on while descriptors were read, or held "
                    "by the kernel or outside this PID namespace",
            .hint = {}};
  }
  if (is_root) {
    return {.id = "hidden-owners",
            .text = fmt::format("{} hidden: {} may not be looked into", who,
                                counted(unreadable_processes, "process", "processes")),
            .hint = "needs CAP_SYS_PTRACE"};
  }
  return {.id = "hidden-owners",
          .text = fmt::format("{} hidden: {} to other users", who,
                              sockets == 1 ? "it belongs" : "they belong"),
          .hint = "run as root"};
}

}  // namespace waitstate::kernel
