#include "proc/descriptor_targets.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "proc/directory.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t descriptors_max = 65'536;

/// "anon_inode:[eventpoll]" -> "epoll", "pipe:[4711]" -> "pipe"; a path as it is. Sockets are none:
/// whom those are connected to says more.
std::string_view name_of(std::string_view target) {
  if (target.starts_with('/')) return target;
  if (target.starts_with("socket:")) return {};
  constexpr std::string_view anonymous = "anon_inode:";
  if (!target.starts_with(anonymous)) return target.substr(0, target.find(':'));
  auto kind = target.substr(anonymous.size());
  if (kind.starts_with('[') && kind.ends_with(']')) kind = kind.substr(1, kind.size() - 2);
  return kind == "eventpoll" ? "epoll" : kind;
}

}  // namespace

void descriptor_targets::add(std::string_view target) {
  const auto name = name_of(target);
  if (name.empty()) return;
  const auto known = counts_.find(name);
  if (known != counts_.end()) {
    ++known->second;
  } else if (counts_.size() < targets_max) {
    counts_.emplace(name, 1);
  }
}

std::vector<fd_target> descriptor_targets::most_frequent(std::size_t most) const {
  std::vector<fd_target> targets;
  for (const auto& [target, count] : counts_) {
    if (count > 1) targets.push_back({.target = target, .count = count});
  }
  std::ranges::sort(targets, [](const fd_target& a, const fd_target& b) {
    return a.count != b.count ? a.count > b.count : a.target < b.target;
  });
  if (targets.size() > most) targets.resize(most);
  return targets;
}

descriptor_targets read_targets(std::int32_t pid) {
  descriptor_targets targets;
  const auto fds = open_directory(fmt::format("/proc/{}/fd", pid));
  const int folder = fds == nullptr ? -1 : ::dirfd(fds.get());
  for (std::size_t i = 0; folder >= 0 && i < descriptors_max; ++i) {
    const auto* const entry = ::readdir(fds.get());
    if (entry == nullptr) break;
    std::array<char, 256> link{};
    const auto size = ::readlinkat(folder, entry->d_name, link.data(), link.size());
    if (size > 0) targets.add({link.data(), static_cast<std::size_t>(size)});
  }
  return targets;
}

}  // namespace waitstate::kernel
