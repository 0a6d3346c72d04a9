#include "waitstate/snapshot/ephemeral_ports.h"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace waitstate {
namespace {

constexpr std::uint32_t port_max = 65'535;

/// A port, or a count of ports.
std::optional<std::uint32_t> port_in(const setting_map& settings, std::string_view key) {
  const auto found = settings.find(key);
  if (found == settings.end()) return std::nullopt;
  const auto& text = found->second;
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || stop != end || value > port_max) return std::nullopt;
  return value;
}

std::optional<tcp::port_range> range_of(std::optional<std::uint32_t> low,
                                        std::optional<std::uint32_t> high) {
  if (!low || !high || *low == 0 || *high > port_max || *low > *high) return std::nullopt;
  return tcp::port_range{.low = static_cast<std::uint16_t>(*low),
                         .high = static_cast<std::uint16_t>(*high)};
}

std::optional<tcp::port_range> linux_range(const setting_map& settings) {
  const auto found = settings.find("net.ipv4.ip_local_port_range");
  return found == settings.end() ? std::nullopt : tcp::parse_port_range(found->second);
}

std::optional<tcp::port_range> dynamic_ports(const setting_map& settings) {
  const auto start = port_in(settings, "DynamicPortStart");
  const auto count = port_in(settings, "DynamicPortCount");
  if (!start || !count || *count == 0) return std::nullopt;
  return range_of(start, *start + *count - 1);
}

}  // namespace

tcp::port_range default_ephemeral_range(os_family os) {
  switch (os) {
    case os_family::unknown:
    case os_family::linux_kernel: break;
    case os_family::freebsd: return {.low = 10000, .high = 65535};
    case os_family::openbsd: return {.low = 1024, .high = 49151};
    case os_family::windows:
    case os_family::macos:
    case os_family::other_bsd: return {.low = 49152, .high = 65535};
  }
  return {.low = 32768, .high = 60999};
}

std::optional<tcp::port_range> configured_ephemeral_range(const setting_map& settings) {
  if (const auto range = linux_range(settings)) return range;
  struct pair {
    std::string_view low;
    std::string_view high;
    std::optional<std::uint32_t> high_by_default;
  };
  constexpr pair pairs[] = {
      {"net.inet.ip.portrange.first", "net.inet.ip.portrange.last", port_max},
      {"net.inet.ip.portfirst", "net.inet.ip.portlast", std::nullopt},
      {"net.inet.ip.anonportmin", "net.inet.ip.anonportmax", std::nullopt},
  };
  for (const auto& [low, high, high_by_default] : pairs) {
    const auto last = settings.contains(high) ? port_in(settings, high) : high_by_default;
    if (const auto range = range_of(port_in(settings, low), last)) return range;
  }
  if (const auto range = dynamic_ports(settings)) return range;
  constexpr std::uint32_t first_before_vista = 1025;
  return range_of(first_before_vista, port_in(settings, "MaxUserPort"));
}

tcp::port_set configured_reserved_ports(const setting_map& settings) {
  const auto found = settings.find("net.ipv4.ip_local_reserved_ports");
  if (found == settings.end()) return {};
  return tcp::parse_port_set(found->second).value_or(tcp::port_set{});
}

}  // namespace waitstate
