#include "waitstate/snapshot/container.h"

#include <cstddef>

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

}  // namespace waitstate
