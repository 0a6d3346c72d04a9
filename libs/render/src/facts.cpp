#include "facts.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>
#include <system_error>
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

/// All of the text as a number, digits alone.
std::optional<int> number_of(std::string_view digits) {
  int value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, status] = std::from_chars(digits.data(), end, value);
  if (status != std::errc{} || rest != end || digits.starts_with('-')) return std::nullopt;
  return value;
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::optional<std::chrono::system_clock::time_point> parse_timestamp(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '0' && text[i] != form[i]) return std::nullopt;
  }
  const auto year = number_of(text.substr(0, 4));
  const auto month = number_of(text.substr(5, 2));
  const auto day = number_of(text.substr(8, 2));
  const auto hour = number_of(text.substr(11, 2));
  const auto minute = number_of(text.substr(14, 2));
  const auto second = number_of(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970 || *year > 2261) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
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

std::string source_line(const snapshot_summary& s) {
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
