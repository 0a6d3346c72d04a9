#include "waitstate/snapshot/container.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace waitstate {
namespace {

bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::string_view container_of(std::string_view cgroup) {
  constexpr std::size_t id_size = 64;  // SHA-256, which all of them use
  auto end = cgroup.size();
  while (end >= id_size) {
    auto begin = end;
    while (begin > 0 && is_hexadecimal(cgroup[begin - 1])) --begin;
    if (end - begin == id_size) return cgroup.substr(begin, id_size);
    if (begin == 0) break;
    end = begin - 1;
  }
  return {};
}

std::string pod_of(std::string_view cgroup) {
  constexpr std::size_t uid_size = 36;
  // "kubepods-burstable-pod0e6c1f2a_7d34_..._3f0d1c2b4a69.slice",
  // "/kubepods/burstable/pod0e6c1f2a-..."
  if (!cgroup.contains("kubepods")) return {};
  for (auto at = cgroup.rfind("pod"); at != cgroup.npos && at > 0;
       at = cgroup.rfind("pod", at - 1)) {
    auto uid = std::string(cgroup.substr(at + 3, uid_size));
    std::ranges::replace(uid, '_', '-');
    const bool is_uid =
        uid.size() == uid_size &&
        std::ranges::all_of(uid, [](char c) { return is_hexadecimal(c) || c == '-'; }) &&
        uid[8] == '-' && uid[13] == '-' && uid[18] == '-' && uid[23] == '-';
    if (is_uid) return uid;
  }
  return {};
}

std::string_view unit_of(std::string_view cgroup) {
  std::string_view scope;
  while (!cgroup.empty()) {
    const auto slash = cgroup.rfind('/');
    const auto part = slash == cgroup.npos ? cgroup : cgroup.substr(slash + 1);
    cgroup = slash == cgroup.npos ? std::string_view() : cgroup.substr(0, slash);
    if (part.ends_with(".service")) return part;
    if (part.ends_with(".scope") && scope.empty() && container_of(part).empty()) scope = part;
  }
  return scope;
}

std::string home_of(const process& p) {
  if (p.cgroup.empty()) return {};
  constexpr std::size_t shown_of_id = 12;  // As `docker ps` and `crictl ps` show it.
  const auto id = container_of(p.cgroup).substr(0, shown_of_id);
  if (!id.empty()) {
    return p.container_name.empty() ? fmt::format("container {}", id)
                                    : fmt::format("container {} ({})", p.container_name, id);
  }
  if (const auto pod = pod_of(p.cgroup); !pod.empty()) return "pod " + pod;
  const auto unit = unit_of(p.cgroup);
  return unit.empty() ? std::string("the host") : std::string(unit);
}

}  // namespace waitstate
