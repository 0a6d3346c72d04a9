#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/snapshot/host_facts.h"

namespace waitstate::kernel {

/// What /proc says of the host: kernel release, name, uptime, settings that exist once for all
/// network namespaces (tcp_max_orphans and tcp_mem are among these), open files.
[[nodiscard]] host_facts read_host();

/// Whose settings are read. The kernel keeps an entry for each namespace under each name in
/// /proc/sys, in one chain that it walks: of thousands of namespaces they cost the square of that.
enum class settings_of : std::uint8_t {
  every_namespace,
  those_with_sockets,  ///< Of others only how full conntrack is, which needs no socket.
  ports_of_those,      ///< The same, and no more than what connect() chooses its port by.
};

/// Settings, TCP counters and totals of the network namespace that the calling thread is in. Name
/// and inode are left empty. A setting this kernel does not have is not in the map.
[[nodiscard]] network_namespace read_network_namespace(
    settings_of wanted = settings_of::every_namespace);

/// May it hold any? Not where its totals were read and are 0.
[[nodiscard]] bool has_sockets(const network_namespace& ns);

/// The entries of this namespace's table in /proc/net/stat/nf_conntrack, where the first number of
/// each processor's row is that of all.
[[nodiscard]] std::optional<std::uint64_t> parse_conntrack_entries(std::string_view text);

/// Takes conntrack's count and limit from the namespace's settings, when it is the fullest so far.
void add_conntrack(host_facts& host, const network_namespace& ns);

/// The first number of /proc/uptime, rounded down to seconds.
[[nodiscard]] std::optional<std::chrono::seconds> parse_uptime(std::string_view text);

}  // namespace waitstate::kernel
