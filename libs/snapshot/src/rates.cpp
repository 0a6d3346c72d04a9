#include "waitstate/snapshot/rates.h"

#include <cassert>
#include <map>
#include <unordered_map>
#include <utility>

namespace waitstate {
namespace {

using process_key = std::pair<std::int32_t, std::string_view>;

process_key key_of(const process& p) {
  return {p.pid, p.name};
}

double per_second(double change, std::chrono::milliseconds elapsed) {
  return change * 1000.0 / static_cast<double>(elapsed.count());
}

std::optional<double> growth(const std::optional<std::uint64_t>& before,
                             const std::optional<std::uint64_t>& after,
                             std::chrono::milliseconds elapsed) {
  if (!before || !after) return std::nullopt;
  return per_second(static_cast<double>(*after) - static_cast<double>(*before), elapsed);
}

void rate_counters(const network_namespace& before, network_namespace& after,
                   std::chrono::milliseconds elapsed) {
  for (const auto& [name, value] : after.counters) {
    const auto earlier = before.counter(name);
    if (!earlier || *earlier > value) continue;  // the namespace was made anew
    after.counter_rates[name] = per_second(static_cast<double>(value - *earlier), elapsed);
  }
}

/// The same socket, a look later, with about as much time left. A sample that is gone or new
/// proves that timers run.
bool stands_still(const std::optional<socket_record>& before,
                  const std::optional<socket_record>& after, std::chrono::milliseconds elapsed) {
  if (!before || !after) return false;
  if (before->flow != after->flow || before->cookie != after->cookie) return false;
  const auto ran = std::int64_t{before->timer_ms} - std::int64_t{after->timer_ms};
  return after->timer_ms > 0 && ran < elapsed.count() / 2;
}

bool timers_stand_still(const socket_group& before, const socket_group& after,
                        std::chrono::milliseconds elapsed) {
  constexpr std::chrono::milliseconds long_enough{1'000};
  if (after.key.state != tcp::state::time_wait || elapsed < long_enough) return false;
  // Late segments restart the timer of one socket, hardly of two.
  if (after.count < 2 || !after.oldest || !after.newest) return false;
  if (after.oldest->flow == after.newest->flow) return false;
  return stands_still(before.oldest, after.oldest, elapsed) &&
         stands_still(before.newest, after.newest, elapsed);
}

/// States of which the second look may name the owner though the first did not.
bool may_get_an_owner(const group_key& key) {
  return key.state == tcp::state::time_wait || key.state == tcp::state::fin_wait_2;
}

group_key of_anybody(group_key key) {
  key.owner = {};
  return key;
}

/// Those that got an owner between the looks are no new ones: what changed of all that have the
/// rest of the key in common is shared out by their numbers.
void share_growth(snapshot& second, const std::unordered_map<group_key, std::uint64_t>& before,
                  std::chrono::milliseconds elapsed) {
  std::unordered_map<group_key, double> changed;
  std::unordered_map<group_key, std::uint64_t> count_now;
  for (const auto& [key, count] : before) {
    if (may_get_an_owner(key)) changed[of_anybody(key)] -= static_cast<double>(count);
  }
  for (const auto& group : second.groups) {
    if (!may_get_an_owner(group.key)) continue;
    changed[of_anybody(group.key)] += static_cast<double>(group.count);
    count_now[of_anybody(group.key)] += group.count;
  }
  for (auto& group : second.groups) {
    if (!may_get_an_owner(group.key)) continue;
    const auto place = of_anybody(group.key);
    const auto part = static_cast<double>(group.count) / static_cast<double>(count_now[place]);
    group.growth_per_second = per_second(changed[place] * part, elapsed);
  }
}

}  // namespace

snapshot with_rates(const snapshot& first, snapshot second, std::chrono::milliseconds elapsed) {
  assert(elapsed.count() > 0);
  second.interval = elapsed;

  std::map<std::uint64_t, std::uint32_t> namespace_in_second;
  for (std::uint32_t i = 0; i < second.namespaces.size(); ++i) {
    namespace_in_second.emplace(second.namespaces[i].inode, i);
  }
  std::map<std::uint32_t, std::uint32_t> moved_namespace;
  for (std::uint32_t i = 0; i < first.namespaces.size(); ++i) {
    const auto found = namespace_in_second.find(first.namespaces[i].inode);
    if (found == namespace_in_second.end()) continue;
    moved_namespace.emplace(i, found->second);
    rate_counters(first.namespaces[i], second.namespaces[found->second], elapsed);
  }

  std::map<process_key, std::uint32_t> process_in_second;
  for (std::uint32_t i = 0; i < second.processes.size(); ++i) {
    process_in_second.emplace(key_of(second.processes[i]), i);
  }
  std::map<std::uint32_t, std::uint32_t> moved_process;
  for (std::uint32_t i = 0; i < first.processes.size(); ++i) {
    const auto& before = first.processes[i];
    const auto found = process_in_second.find(key_of(before));
    if (found == process_in_second.end()) continue;
    moved_process.emplace(i, found->second);
    auto& after = second.processes[found->second];
    after.fd_growth_per_second = growth(before.fd_count, after.fd_count, elapsed);
    after.ghost_growth_per_second = growth(before.ghost_sockets, after.ghost_sockets, elapsed);
  }

  std::unordered_map<group_key, std::uint64_t> count_before;
  std::unordered_map<group_key, const socket_group*> group_before;
  for (const auto& group : first.groups) {
    auto key = group.key;
    const auto ns = moved_namespace.find(key.net_namespace);
    if (ns == moved_namespace.end()) continue;
    key.net_namespace = ns->second;
    if (key.owner.kind == ownership::owned) {
      const auto owner = moved_process.find(key.owner.process);
      if (owner == moved_process.end()) continue;
      key.owner.process = owner->second;
    }
    count_before[key] += group.count;
    group_before.emplace(key, &group);
  }
  for (auto& group : second.groups) {
    const auto before = count_before.find(group.key);
    const auto was = before == count_before.end() ? 0 : before->second;
    group.growth_per_second =
        per_second(static_cast<double>(group.count) - static_cast<double>(was), elapsed);
    const auto earlier = group_before.find(group.key);
    group.timers_stand_still =
        earlier != group_before.end() && timers_stand_still(*earlier->second, group, elapsed);
  }
  share_growth(second, count_before, elapsed);
  return second;
}

}  // namespace waitstate
