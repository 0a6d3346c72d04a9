#include "rows/formats.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "rows/readers.h"

namespace waitstate::paste {
namespace {

constexpr auto all_formats = std::to_array<format>({
    {.name = "ss",
     .tool = "ss",
     .hint = "ss",
     .example = "tcp CLOSE-WAIT 1 0 10.0.0.7:80 10.0.0.8:55123",
     .heading = "Netid  State   Recv-Q  Send-Q    Local Address:Port     Peer Address:Port",
     .read = read_ss_row,
     .read_without_state = read_ss_row_without_state,
     .continues = read_ss_continuation,
     .header = ss_header,
     .system = os_family::linux_kernel,
     .shows_backlog = true,
     .shows_only_running_timers = true},
    {.name = "netstat of Linux",
     .tool = "netstat",
     .hint = "netstat",
     .example = "tcp 1 0 10.0.0.7:80 10.0.0.8:55123 CLOSE_WAIT -",
     .heading = "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
     .read = read_netstat_linux_row,
     .continues = read_netstat_linux_continuation,
     .header = netstat_linux_header,
     .system = os_family::linux_kernel},
    {.name = "lsof",
     .tool = "lsof",
     .hint = "lsof -i",
     .example = "java 7 www 12u IPv4 9 0t0 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)",
     .heading = "COMMAND   PID   USER   FD      TYPE   DEVICE SIZE/OFF     NODE NAME",
     .read = read_lsof_row,
     .header = lsof_header,
     .lists_descriptors = true},
    {.name = "netstat of Windows",
     .tool = "netstat",
     .hint = "netstat",
     .example = "  TCP    10.0.0.7:80   10.0.0.8:55123   CLOSE_WAIT   7",
     .heading = "  Proto  Local Address          Foreign Address        State           PID",
     .read = read_netstat_windows_row,
     .continues = read_windows_program,
     .header = netstat_windows_header,
     .system = os_family::windows},
    {.name = "TCPView",
     .tool = "TCPView",
     .hint = "TCPView",
     .example = "java.exe 7 TCP 10.0.0.7 80 10.0.0.8 55123 CLOSE_WAIT",
     .heading = "Process PID Protocol Local Address Local Port Remote Address Remote Port State",
     .read = read_tcpview_row,
     .header = tcpview_header,
     .system = os_family::windows},
    {.name = "netstat of BSD",
     .tool = "netstat",
     .hint = "netstat",
     .example = "tcp4 1 0 10.0.0.7.80 10.0.0.8.55123 CLOSE_WAIT",
     .heading = "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)",
     .read = read_netstat_bsd_row,
     .header = netstat_bsd_header,
     .system = os_family::other_bsd},
    {.name = "/proc/net/tcp",
     .tool = "/proc/net/tcp",
     .hint = "/proc/net/tcp",
     .example = "   0: 0700000A:0050 0800000A:D753 08 00000000:00000001 00:00000000",
     .heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when",
     .read = read_proc_net_tcp_row,
     .header = proc_net_tcp_header,
     .system = os_family::linux_kernel},
    {.name = "sockstat of FreeBSD",
     .tool = "sockstat",
     .hint = "sockstat -46 -s -P tcp",
     .example = "www nginx 7 12 tcp4 10.0.0.7:80 10.0.0.8:55123 CLOSE_WAIT",
     .heading = "USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS   FOREIGN ADDRESS   STATE",
     .read = read_sockstat_freebsd_row,
     .header = sockstat_freebsd_header,
     .system = os_family::freebsd,
     .lists_descriptors = true},
});

}  // namespace

std::span<const format> formats() {
  return all_formats;
}

std::size_t index_of(const format& f) {
  assert(&f >= all_formats.begin() && &f < all_formats.end());
  return static_cast<std::size_t>(&f - all_formats.data());
}

const format& format_named(std::string_view name) {
  const auto* const found = std::ranges::find(all_formats, name, &format::name);
  assert(found != all_formats.end());
  return *found;
}

table_header header_of(std::string_view line) {
  // The widest heading, ss's with every column, has under 200 bytes.
  constexpr std::size_t heading_max = 512;
  line = line.substr(0, heading_max);
  // Every heading has one of these words; most lines have none.
  const bool may_be = line.contains("ddress") || line.contains("COMMAND") || line.contains("Proto");
  if (!may_be) return table_header::none;
  for (const auto& f : all_formats) {
    if (const auto found = f.header(line); found != table_header::none) return found;
  }
  return table_header::none;
}

std::string hints_of_formats() {
  std::string all;
  for (auto f = all_formats.begin(); f != all_formats.end(); ++f) {
    const bool named = std::any_of(all_formats.begin(), f,
                                   [&](const format& before) { return before.hint == f->hint; });
    if (named) continue;
    if (!all.empty()) all += ", ";
    all += f->hint;
  }
  return all;
}

}  // namespace waitstate::paste
