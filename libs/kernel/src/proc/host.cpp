#include "proc/host.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <system_error>

#include "proc/proc_file.h"
#include "waitstate/procfs/counters.h"
#include "waitstate/procfs/file_table.h"
#include "waitstate/procfs/sockstat.h"
#include "waitstate/procfs/text.h"

namespace waitstate::kernel {
namespace {

constexpr std::size_t setting_max = 65'536;  // ip_local_reserved_ports can be long
constexpr std::size_t counters_max = 262'144;

constexpr std::array host_settings{
    "net.ipv4.tcp_max_orphans", "net.ipv4.tcp_mem", "fs.file-max", "fs.file-nr", "fs.nr_open",
};

constexpr std::array namespace_settings{
    "net.core.somaxconn",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_port_step_width",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_nonlocal_bind",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_child_ehash_entries",
    "net.ipv4.tcp_ehash_entries",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_orphan_retries",
    "net.ipv4.tcp_retries2",
    "net.ipv4.tcp_syn_retries",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_tw_recycle",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_tw_reuse_delay",
    "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_count",
    "net.netfilter.nf_conntrack_max",
    "net.netfilter.nf_conntrack_tcp_timeout_close",
    "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
    "net.netfilter.nf_conntrack_tcp_timeout_established",
    "net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
    "net.netfilter.nf_conntrack_tcp_timeout_last_ack",
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
};

constexpr std::array port_settings{
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_tw_reuse",
};

constexpr std::array fill_of_conntrack{
    "net.netfilter.nf_conntrack_count",
    "net.netfilter.nf_conntrack_max",
};

template <class Settings>
void read_settings(const Settings& names, std::map<std::string, std::string, std::less<>>& to) {
  for (const std::string_view name : names) {
    auto path = "/proc/sys/" + std::string(name);
    std::ranges::replace(path, '.', '/');
    if (const auto raw = read_file(path, setting_max))
      to.emplace(std::string(name), procfs::one_blank_apart(*raw));
  }
}

/// Asked without /proc/sys, whose cost it would save; unknown is yes.
bool has_conntrack_entries() {
  const auto text = read_file("/proc/thread-self/net/stat/nf_conntrack", 4096);
  return !text || parse_conntrack_entries(*text) != 0U;
}

std::optional<std::uint64_t> first_number(
    const std::map<std::string, std::string, std::less<>>& settings, std::string_view name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  std::string_view text = found->second;
  return to_number<std::uint64_t>(take_word(text));
}

}  // namespace

std::optional<std::chrono::seconds> parse_uptime(std::string_view text) {
  auto word = take_word(text);
  const auto seconds = to_number<std::uint32_t>(take_until(word, '.'));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

host_facts read_host() {
  host_facts host{.os = os_family::linux_kernel};
  utsname names{};
  if (::uname(&names) == 0) {
    host.name = names.nodename;
    host.kernel_release = names.release;
  }
  if (const auto text = read_file("/proc/uptime", 256)) host.uptime = parse_uptime(*text);
  read_settings(host_settings, host.sysctls);
  if (const auto found = host.sysctls.find("fs.file-nr"); found != host.sysctls.end()) {
    host.open_files = procfs::parse_file_table(found->second).open;
  }
  host.open_files_max = first_number(host.sysctls, "fs.file-max");
  return host;
}

network_namespace read_network_namespace(settings_of wanted) {
  network_namespace ns;
  for (const auto* file : {"snmp", "netstat"}) {
    const auto text = read_file(std::string("/proc/thread-self/net/") + file, counters_max);
    if (text) procfs::add_counters(ns.counters, *text);
  }
  for (const auto* file : {"sockstat", "sockstat6"}) {
    const auto text = read_file(std::string("/proc/thread-self/net/") + file, counters_max);
    if (text) procfs::add_sockstat(ns.totals, *text);
  }
  // /proc/sys/net shows the namespace of the thread that opens it; /proc/net that of the process.
  if (wanted == settings_of::ports_of_those && has_sockets(ns)) {
    read_settings(port_settings, ns.sysctls);
  } else if (has_sockets(ns) || wanted == settings_of::every_namespace) {
    read_settings(namespace_settings, ns.sysctls);
  } else if (has_conntrack_entries()) {
    read_settings(fill_of_conntrack, ns.sysctls);
  }
  return ns;
}

bool has_sockets(const network_namespace& ns) {
  return ns.totals.in_use != 0 || ns.totals.time_wait != 0;
}

std::optional<std::uint64_t> parse_conntrack_entries(std::string_view text) {
  (void)take_until(text, '\n');  // the names
  const auto word = take_word(text);
  std::uint64_t entries = 0;
  const auto* const end = word.data() + word.size();
  const auto [read_to, failed] = std::from_chars(word.data(), end, entries, 16);
  if (word.empty() || failed != std::errc() || read_to != end) return std::nullopt;
  return entries;
}

void add_conntrack(host_facts& host, const network_namespace& ns) {
  const auto count = first_number(ns.sysctls, "net.netfilter.nf_conntrack_count");
  const auto max = first_number(ns.sysctls, "net.netfilter.nf_conntrack_max");
  if (!count || !max) return;
  if (host.conntrack_count && *host.conntrack_count >= *count) return;
  host.conntrack_count = count;
  host.conntrack_max = max;
}

}  // namespace waitstate::kernel
