#include "look/socket_churn.h"

#include <algorithm>

namespace waitstate::kernel {

void socket_churn::see(std::int32_t pid, const std::vector<std::uint64_t>& inodes) {
  const auto [known, is_new] = by_process_.try_emplace(pid);
  auto& process = known->second;
  if (is_new) {
    process.before.insert(inodes.begin(), inodes.end());
    return;
  }
  for (const auto inode : inodes) {
    if (process.opened.size() == sockets_max) return;
    if (!process.before.contains(inode)) process.opened.insert(inode);
  }
}

void socket_churn::see_child(std::int32_t pid, std::int32_t parent) {
  auto& children = children_of_[parent];
  if (parent != 0 && children.size() < sockets_max) children.insert(pid);
}

std::vector<socket_churn::count> socket_churn::busiest() const {
  // One child is any program that starts another; a loop has several within a moment.
  constexpr std::size_t children_min = 3;
  std::map<std::int32_t, count> counts;
  for (const auto& [pid, process] : by_process_) {
    if (!process.opened.empty()) counts[pid].sockets = process.opened.size();
  }
  for (const auto& [pid, children] : children_of_) {
    if (children.size() >= children_min) counts[pid].children = children.size();
  }
  std::vector<count> busiest;
  for (auto& [pid, one] : counts) {
    one.pid = pid;
    busiest.push_back(one);
  }
  std::ranges::sort(busiest, [](const count& a, const count& b) {
    const auto busy_a = a.sockets + a.children;
    const auto busy_b = b.sockets + b.children;
    return busy_a != busy_b ? busy_a > busy_b : a.pid < b.pid;
  });
  return busiest;
}

}  // namespace waitstate::kernel
