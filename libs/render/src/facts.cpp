#include "facts.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/tcp/state.h"

namespace waitstate::render {
namespace {

std::string host_of(const host_facts& host) {
  std::string text = host.name;
  if (host.kernel_release.empty() && host.os == os_family::unknown) return text;
  if (!text.empty()) text += ", ";
  if (host.os != os_family::unknown) text += to_string(host.os);
  if (!host.kernel_release.empty()) {
    if (host.os != os_family::unknown) text += ' ';
    text += host.kernel_release;
  }
  return text;
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::string states_line(const state_counts& states) {
  std::map<std::string_view, std::uint64_t> by_name;  // request sockets are SYN-RECEIVED too
  for (const auto state : tcp::all_states) by_name[to_string(state)] += states.of(state);
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted(by_name.begin(), by_name.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });

  if (states.total() == 0) return "no sockets";
  auto text = counted(states.total(), "socket") + ": ";
  for (const auto& [name, count] : sorted) {
    if (count == 0) break;
    if (text.back() != ' ') text += ", ";
    text += fmt::format("{}\u00a0{}", grouped(count), name);
  }
  return text;
}

std::string source_line(const snapshot& s) {
  const bool live = s.source == source_kind::live;
  std::string text = host_of(s.host);
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  if (!live) {
    add(s.source_detail.empty() ? "pasted text" : "pasted text: " + s.source_detail);
    return text;
  }
  if (!s.source_detail.empty()) add(s.source_detail);
  add(timestamp(s.taken_at));
  if (s.interval) add(fmt::format("two looks {} apart", elapsed(*s.interval)));
  return text;
}

}  // namespace waitstate::render
