#include "look/met_processes.h"

#include <fmt/format.h>

#include "proc/proc_file.h"
#include "waitstate/base/text.h"
#include "waitstate/snapshot/runtime.h"

namespace waitstate::kernel {
namespace {

process named(std::int32_t pid, const std::string& name) {
  process p{.pid = pid, .name = name};
  p.runtime = runtime_of(name, "", "");
  return p;
}

}  // namespace

met_processes::met_processes(const std::map<std::int32_t, met_process>& met,
                             const is_there& is_there) {
  using family = std::pair<std::int32_t, std::string>;
  std::map<family, std::uint64_t> children;
  std::map<std::int32_t, bool> lives;
  for (const auto& [pid, p] : met) {
    lives[pid] = is_there(pid, p.name);
    if (!lives[pid] && p.parent != 0) ++children[{p.parent, p.name}];
  }
  std::size_t gone = 0;
  std::map<std::int32_t, bool> parent_lives;
  const auto has_parent = [&](const met_process& p) {
    const auto [known, is_new] = parent_lives.try_emplace(p.parent, false);
    if (is_new) known->second = is_there(p.parent, p.parent_name);
    return known->second;
  };
  for (const auto& [pid, p] : met) {
    const auto siblings = children.find({p.parent, p.name});
    const bool is_child = siblings != children.end() && siblings->second >= children_min;
    if (lives[pid]) {
      by_pid_.emplace(pid, stand_in{.who = named(pid, p.name), .started = {}});
    } else if (is_child && has_parent(p)) {
      by_pid_.emplace(pid, stand_in{.who = named(p.parent, p.parent_name), .started = p.name});
    } else {
      const bool is_told_apart = ++gone <= gone_max;
      by_pid_.emplace(pid, stand_in{.who = named(is_told_apart ? pid : 0, p.name), .started = {}});
    }
  }
}

const met_processes::stand_in* met_processes::of(std::int32_t pid) const {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? nullptr : &found->second;
}

bool is_process_there(std::int32_t pid, const std::string& name) {
  constexpr std::size_t name_max = 64;
  const auto text = read_file(fmt::format("/proc/{}/comm", pid), name_max);
  if (!text) return false;
  std::string_view rest = *text;
  return take_until(rest, '\n') == name;
}

}  // namespace waitstate::kernel
