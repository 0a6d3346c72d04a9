#include "waitstate/snapshot/host_facts.h"

#include <charconv>
#include <system_error>

#include "waitstate/base/names.h"
#include "waitstate/snapshot/ephemeral_ports.h"

namespace waitstate {
namespace {

std::optional<std::int64_t> number_in(const std::map<std::string, std::string, std::less<>>& map,
                                      std::string_view key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  const auto& text = found->second;
  std::int64_t value = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Value>
std::optional<Value> value_in(const std::map<std::string, Value, std::less<>>& map,
                              std::string_view key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::string_view to_string(os_family os) {
  switch (os) {
    case os_family::unknown: return "unknown";
    case os_family::linux_kernel: return "Linux";
    case os_family::windows: return "Windows";
    case os_family::macos: return "macOS";
    case os_family::freebsd: return "FreeBSD";
    case os_family::openbsd: return "OpenBSD";
    case os_family::other_bsd: return "BSD";
  }
  return "unknown";
}

std::optional<os_family> parse_os_family(std::string_view name) {
  return named_in(all_os_families, name);
}

std::optional<std::int64_t> network_namespace::sysctl(std::string_view key) const {
  return number_in(sysctls, key);
}

std::optional<std::uint64_t> network_namespace::counter(std::string_view key) const {
  return value_in(counters, key);
}

std::optional<double> network_namespace::counter_rate(std::string_view key) const {
  return value_in(counter_rates, key);
}

std::optional<tcp::port_range> network_namespace::ephemeral_range() const {
  return configured_ephemeral_range(sysctls);
}

tcp::port_set network_namespace::reserved_ports() const {
  return configured_reserved_ports(sysctls);
}

std::optional<kernel_version> host_facts::version() const {
  kernel_version v;
  const char* const end = kernel_release.data() + kernel_release.size();
  const auto major = std::from_chars(kernel_release.data(), end, v.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, v.minor);
  if (minor.ec != std::errc{}) return std::nullopt;
  return v;
}

std::optional<std::int64_t> host_facts::sysctl(std::string_view key) const {
  return number_in(sysctls, key);
}

}  // namespace waitstate
