#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/host_facts.h"

namespace waitstate::paste {

/// One kernel setting as a listing shows it.
struct setting {
  std::string key;    ///< With dots: "net.ipv4.tcp_tw_reuse". Windows values keep their own names.
  std::string value;  ///< Words separated by one blank: "32768 60999".
  os_family os = os_family::unknown;  ///< Which system has a setting of this name.

  friend bool operator==(const setting&, const setting&) = default;
};

/// Reads one line of a sysctl listing ("key = value", "key: value", "key=value", the path forms
/// "net/ipv4/x" and "/proc/sys/net/ipv4/x:1", the short names "tcp_fin_timeout = 30"), of `reg
/// query` ("TcpTimedWaitDelay REG_DWORD 0x1e") or of a .reg file, or of `netsh int ipv4 show
/// dynamicport tcp` in any language that keeps "port" ("Start Port : 49152"). A line that is
/// commented out is no setting. Keys of netsh are "DynamicPortStart" and "DynamicPortCount".
[[nodiscard]] std::optional<setting> read_setting(std::string_view line);

/// The setting of a name, in any of the forms above, and a value that something else than one line
/// tells: a command, and what it sets or prints.
[[nodiscard]] std::optional<setting> make_setting(std::string_view name, std::string_view value);

/// Files a setting under the namespace or the host, where rules look for it: everything under
/// net. and Windows values in the namespace; the rest, and what Linux has only once (tcp_mem,
/// tcp_max_orphans), in the host; conntrack and file counts also in their own fields.
void apply(const setting& s, network_namespace& ns, host_facts& host);

}  // namespace waitstate::paste
