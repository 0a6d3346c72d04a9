#include "waitstate/tcp/port_set.h"

#include <fmt/format.h>

#include "waitstate/tcp/endpoint.h"

namespace waitstate::tcp {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::optional<port_range> parse_port_range(std::string_view text) {
  text = trimmed(text);
  const auto gap = text.find_first_of(" \t-");
  if (gap == text.npos) return std::nullopt;
  const auto after = text.find_first_not_of(" \t-", gap);
  if (after == text.npos) return std::nullopt;
  const auto low = parse_port(text.substr(0, gap));
  const auto high = parse_port(text.substr(after));
  if (!low || !high || *low > *high) return std::nullopt;
  return port_range{.low = *low, .high = *high};
}

void port_set::insert(port_range range) {
  for (std::size_t port = range.low; port <= range.high; ++port) ports_.set(port);
}

std::size_t port_set::count_in(port_range range) const {
  std::size_t count = 0;
  if (ports_.none()) return count;
  for (std::size_t port = range.low; port <= range.high; ++port) count += ports_.test(port);
  return count;
}

std::size_t port_set::count_in(port_range range, unsigned parity) const {
  std::size_t count = 0;
  if (ports_.none()) return count;
  for (std::size_t port = range.low; port <= range.high; ++port) {
    if (port % 2 == parity) count += ports_.test(port);
  }
  return count;
}

std::optional<port_set> parse_port_set(std::string_view text) {
  port_set ports;
  text = trimmed(text);
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto item = trimmed(text.substr(0, comma));
    if (const auto port = parse_port(item)) {
      ports.insert(*port);
    } else if (const auto range = parse_port_range(item)) {
      ports.insert(*range);
    } else {
      return std::nullopt;
    }
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
  }
  return ports;
}

std::string to_string(const port_set& ports) {
  std::string text;
  for (std::uint32_t port = 0; port <= 65535; ++port) {
    if (!ports.contains(static_cast<std::uint16_t>(port))) continue;
    const auto first = port;
    while (port < 65535 && ports.contains(static_cast<std::uint16_t>(port + 1))) ++port;
    if (!text.empty()) text += ',';
    text += first == port ? fmt::format("{}", port) : fmt::format("{}-{}", first, port);
  }
  return text;
}

}  // namespace waitstate::tcp
