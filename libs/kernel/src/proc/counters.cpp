#include "proc/counters.h"

#include <optional>

#include "proc/proc_file.h"

namespace waitstate::kernel {
namespace {

void add_pair(counter_map& to, std::string_view prefix, std::string_view names,
              std::string_view values) {
  while (true) {
    const auto name = take_word(names);
    const auto value = take_word(values);
    if (name.empty() || value.empty()) return;
    const auto number = to_number<std::uint64_t>(value);
    if (!number) continue;
    to.insert_or_assign(std::string(prefix).append(".").append(name), *number);
  }
}

std::optional<std::uint64_t>* field_of(socket_totals& totals, std::string_view name) {
  if (name == "orphan") return &totals.orphan;
  if (name == "tw") return &totals.time_wait;
  if (name == "alloc") return &totals.allocated;
  if (name == "mem") return &totals.memory_pages;
  return nullptr;
}

}  // namespace

void add_counters(counter_map& to, std::string_view text) {
  while (!text.empty()) {
    auto names = take_until(text, '\n');
    const auto prefix = take_until(names, ':');
    if (prefix != "Tcp" && prefix != "TcpExt") continue;
    auto rest = text;
    auto values = take_until(rest, '\n');
    if (take_until(values, ':') != prefix) continue;
    add_pair(to, prefix, names, values);
    text = rest;
  }
}

void add_sockstat(socket_totals& to, std::string_view text) {
  while (!text.empty()) {
    auto line = take_until(text, '\n');
    const auto prefix = take_until(line, ':');
    if (prefix != "TCP" && prefix != "TCP6") continue;
    while (true) {
      const auto name = take_word(line);
      const auto number = to_number<std::uint64_t>(take_word(line));
      if (!number) break;
      if (name == "inuse") {
        to.in_use = to.in_use.value_or(0) + *number;
      } else if (auto* const field = field_of(to, name)) {
        *field = number;
      }
    }
  }
}

}  // namespace waitstate::kernel
