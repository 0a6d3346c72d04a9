#include "waitstate/procfs/counters.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "waitstate/procfs/text.h"

namespace waitstate::procfs {
namespace {

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

/// The kernel's names are words like "TCPTimeWaitOverflow".
bool is_name(std::string_view text) {
  return !text.empty() && is_capital(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_capital(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// No counter of TCP gets near: a larger number is no counter's, and no reader of JSON has it
/// exact.
constexpr std::uint64_t value_max = std::uint64_t{1} << 53;

}  // namespace

std::vector<counter> read_counter_pair(std::string_view names, std::string_view values) {
  if (!names.contains(':')) return {};
  const auto group = take_until(names, ':');
  if (!is_name(group) || !values.contains(':') || take_until(values, ':') != group) return {};
  std::vector<counter> all;
  while (true) {
    const auto name = take_word(names);
    const auto value = take_word(values);
    if (name.empty() || value.empty()) return all;
    const auto number = to_number<std::uint64_t>(value);
    if (!number || *number > value_max || !is_name(name)) continue;
    all.push_back({.name = std::string(group).append(".").append(name), .value = *number});
  }
}

void add_counters(counter_map& to, std::string_view text) {
  while (!text.empty()) {
    const auto names = take_until(text, '\n');
    if (!names.starts_with("Tcp:") && !names.starts_with("TcpExt:")) continue;
    auto rest = text;
    const auto values = take_until(rest, '\n');
    if (values.substr(0, values.find(':')) != names.substr(0, names.find(':'))) continue;
    for (auto& c : read_counter_pair(names, values)) {
      to.insert_or_assign(std::move(c.name), c.value);
    }
    text = rest;
  }
}

}  // namespace waitstate::procfs
