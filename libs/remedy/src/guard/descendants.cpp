#include "guard/descendants.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace waitstate::remedy::guard {
namespace {

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc{} ? number : Number{};
}

std::vector<parenthood> all_processes() {
  std::vector<parenthood> all;
  std::error_code trouble;
  for (std::filesystem::directory_iterator at("/proc", trouble), end; !trouble && at != end;
       at.increment(trouble)) {
    const auto pid = number_in<pid_t>(at->path().filename().string());
    if (pid == 0) continue;
    std::ifstream in(at->path() / "stat");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    all.emplace_back(pid, parent_in(text));
  }
  return all;
}

}  // namespace

pid_t parent_in(std::string_view stat) {
  // "812 (a) b) S 1 ...": the name ends with the last bracket.
  const auto name_end = stat.rfind(')');
  constexpr std::size_t to_parent = std::string_view(") S ").size();
  if (name_end == stat.npos || stat.size() < name_end + to_parent) return 0;
  return number_in<pid_t>(stat.substr(name_end + to_parent));
}

std::vector<pid_t> descendants_in(const std::vector<parenthood>& all, pid_t pid) {
  std::vector<pid_t> found;
  for (std::size_t next = 0; next <= found.size(); ++next) {
    const auto parent = next == 0 ? pid : found[next - 1];
    for (const auto& [child, its_parent] : all) {
      const bool is_new = child != pid && std::ranges::find(found, child) == found.end();
      if (its_parent == parent && is_new) found.push_back(child);
    }
  }
  return found;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  return descendants_in(all_processes(), pid);
}

}  // namespace waitstate::remedy::guard
