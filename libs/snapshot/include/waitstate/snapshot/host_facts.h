#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/counts.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate {

/// The operating system a snapshot is of; rules differ (only Linux counts the FIN in Recv-Q).
enum class os_family : std::uint8_t {
  unknown,
  linux_kernel,
  windows,
  macos,
  freebsd,
  openbsd,
  other_bsd
};

inline constexpr std::array all_os_families{
    os_family::unknown, os_family::linux_kernel, os_family::windows,  os_family::macos,
    os_family::freebsd, os_family::openbsd,      os_family::other_bsd};

/// "Linux", "Windows", "macOS", "FreeBSD", "OpenBSD", "BSD"; "unknown".
[[nodiscard]] std::string_view to_string(os_family os);
/// Of exactly such a name.
[[nodiscard]] std::optional<os_family> parse_os_family(std::string_view name);

/// The kernel's socket totals: /proc/net/sockstat{,6} (IPv4 and IPv6 added up) or `ss -s`.
/// `orphan`, `alloc` and `memory_pages` count every network namespace of the host, the others
/// one. `time_wait` counts FIN-WAIT-2 minisockets too.
struct socket_totals {
  std::optional<std::uint64_t> in_use;
  std::optional<std::uint64_t> orphan;
  std::optional<std::uint64_t> time_wait;
  std::optional<std::uint64_t> allocated;
  std::optional<std::uint64_t> memory_pages;
  std::optional<std::uint64_t> established;   ///< Only `ss -s`.
  std::optional<std::uint64_t> closed;        ///< Only `ss -s`: TIME-WAIT counts in it.
  std::optional<std::uint64_t> syn_received;  ///< Only `ss -s`.
  /// Only `ss -s` of before 2018: local ports that any socket has, TIME-WAIT too (tcp_bind_bucket).
  std::optional<std::uint64_t> local_ports;
};

/// Settings and counters of one network namespace, each as read. Settings that exist once for the
/// host are in host_facts::sysctls.
struct network_namespace {
  std::string name;         ///< "blue" of `ip netns`, or empty.
  std::uint64_t inode = 0;  ///< Of /proc/PID/ns/net; 0 for a paste.

  /// "net.ipv4.tcp_tw_reuse" -> "2".
  std::map<std::string, std::string, std::less<>> sysctls;
  /// "TcpExt.ListenOverflows" -> 17, "Tcp.ActiveOpens" -> 4711; since boot.
  std::map<std::string, std::uint64_t, std::less<>> counters;
  /// The same between two looks, per second; empty without a second look.
  std::map<std::string, double, std::less<>> counter_rates;
  socket_totals totals;
  state_counts states;

  /// Ports that a bind() holds: listeners, and sockets bound but not connected. connect() skips
  /// these whatever the destination (kernel.md 3.5).
  tcp::port_set bound_ports;

  [[nodiscard]] std::optional<std::int64_t> sysctl(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint64_t> counter(std::string_view key) const;
  [[nodiscard]] std::optional<double> counter_rate(std::string_view key) const;
  /// The ports that connect() chooses from, where a setting names them: see ephemeral_ports.h.
  [[nodiscard]] std::optional<tcp::port_range> ephemeral_range() const;
  /// Those of them that it never chooses; empty where the setting was not seen.
  [[nodiscard]] tcp::port_set reserved_ports() const;
};

/// A kernel release as two numbers, for "since 6.14".
struct kernel_version {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const kernel_version&, const kernel_version&) = default;
};

/// What holds for the whole host.
struct host_facts {
  os_family os = os_family::unknown;
  std::string name;            ///< The host's name, or empty.
  std::string kernel_release;  ///< "6.18.44", or empty.
  std::optional<std::chrono::seconds> uptime;
  std::map<std::string, std::string, std::less<>> sysctls;  ///< Those that are not per namespace.
  std::optional<std::uint64_t> conntrack_count;
  std::optional<std::uint64_t> conntrack_max;
  std::optional<std::uint64_t> open_files;      ///< fs.file-nr, first number.
  std::optional<std::uint64_t> open_files_max;  ///< fs.file-max.

  [[nodiscard]] std::optional<kernel_version> version() const;
  [[nodiscard]] std::optional<std::int64_t> sysctl(std::string_view key) const;
};

}  // namespace waitstate
