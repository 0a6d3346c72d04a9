#include "advice/system.h"

#include <cstdint>

#include <fmt/format.h>

namespace waitstate::diagnosis {
namespace {

constexpr system_advice linux_advice{
    .administrator = "root",
    .list_sockets = "ss -tanp",
    .list_time_wait = "ss -tan state time-wait",
    .count_states = "ss -tan | awk '{print $1}' | sort | uniq -c",
    .count_time_wait_ports =
        "ss -tan state time-wait | awk 'NR>1 {print $4}' | sort | uniq -c | sort -rn | head\n",
    .list_close_wait = "ss -tnp state close-wait    # and: ss -tln for the listening ports\n",
    .find_port_holder = "ss -tanp '( sport = :{port} )'\n",
    .list_bound = "ss -tnpB    # iproute2 6.8 and Linux 6.8\n",
    .list_addresses = "ip -br address    # in the container or namespace of the program\n",
    .ipv6_switches = "sysctl net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.lo.disable_ipv6\n",
    .count_files =
        "for p in /proc/[0-9]*; do echo \"$(ls $p/fd 2>/dev/null | wc -l) $p $(cat $p/comm)\"; "
        "done | sort -rn | head\n",
    .port_range = "net.ipv4.ip_local_port_range",
    .show_ports = "sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse",
    .open_files = "fs.file-nr",
    .open_files_max = "fs.file-max",
    .time_wait = "60 s",
    .time_wait_ends = "60 s after its close"};

/// What the BSDs and macOS share, and what Windows has of the same.
constexpr system_advice elsewhere{
    .administrator = "root",
    .list_sockets = "netstat -an -p tcp",
    .list_time_wait = "netstat -an -p tcp",
    .count_states = "netstat -an -p tcp",
    .count_time_wait_ports =
        "netstat -an | grep TIME_WAIT | awk '{print $5}' | sort | uniq -c | sort -rn | head\n",
    .list_close_wait = "netstat -an -p tcp | grep CLOSE_WAIT\n",
    .find_port_holder = "fstat | grep :{port}\n",
    .list_bound = "lsof -nP -iTCP | grep -v -e '->' -e LISTEN\n",
    .list_addresses = "ifconfig -a\n",
    .ipv6_switches = "",
    .count_files = "lsof -n | awk '{print $1, $2}' | sort | uniq -c | sort -rn | head\n",
    .port_range = "port range",
    .show_ports = "",
    .open_files = "kern.openfiles",
    .open_files_max = "kern.maxfiles",
    .time_wait = "2 x net.inet.tcp.msl (30 or 60 s)",
    .time_wait_ends = "after two segment lifetimes"};

constexpr system_advice with_list(system_advice a, std::string_view list_sockets) {
  a.list_sockets = a.list_time_wait = a.count_states = list_sockets;
  return a;
}

constexpr system_advice freebsd_advice = [] {
  auto a = with_list(elsewhere, "sockstat -46 -s -P tcp");
  a.list_close_wait = "sockstat -46 -s -P tcp | grep CLOSE_WAIT\n";
  a.find_port_holder = "sockstat -46 -p {port}\n";
  return a;
}();

constexpr system_advice macos_advice = [] {
  auto a = with_list(elsewhere, "lsof -nP -iTCP");
  a.list_close_wait = "lsof -nP -iTCP -sTCP:CLOSE_WAIT\n";
  a.find_port_holder = "lsof -nP -iTCP:{port}\n";
  return a;
}();

constexpr system_advice windows_advice = [] {
  auto a = with_list(elsewhere, "netstat -ano");
  a.administrator = "administrator";
  a.list_close_wait = "netstat -ano | findstr CLOSE_WAIT\n";
  a.find_port_holder =
      "netstat -ano | findstr :{port}\n"
      "netsh int ipv4 show excludedportrange protocol=tcp\n";
  a.list_bound =
      "Get-NetTCPConnection -State Bound | Group-Object OwningProcess | Sort-Object Count "
      "-Descending | Select-Object -First 5 Count, Name\n";
  a.list_addresses = "ipconfig /all\n";
  a.time_wait = "30 s to 4 min (TcpTimedWaitDelay)";
  return a;
}();

std::vector<remedy> windows_ports() {
  return {{.text = "Widen the dynamic port range (16,384 ports by default)",
           .command = "netsh int ipv4 set dynamicport tcp start=10000 num=55535\n"
                      "netsh int ipv6 set dynamicport tcp start=10000 num=55535\n",
           .risk = "a service that listens above 10000 may find its port taken: exclude it with "
                   "netsh int ipv4 add excludedportrange",
           .undo = "netsh int ipv4 set dynamicport tcp start=49152 num=16384 (and ipv6)"},
          {.text = "Shorten TIME-WAIT to its smallest value, 30 s (default 120 s before Windows "
                   "Server 2012); after a restart",
           .command = "reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v "
                      "TcpTimedWaitDelay /t REG_DWORD /d 30\n",
           .risk = "late segments of an old connection are told apart for a shorter time",
           .undo = "reg delete HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v "
                   "TcpTimedWaitDelay"}};
}

}  // namespace

const system_advice& advice_for(os_family os) {
  switch (os) {
    case os_family::unknown:
    case os_family::linux_kernel: return linux_advice;
    case os_family::windows: return windows_advice;
    case os_family::macos: return macos_advice;
    case os_family::freebsd: return freebsd_advice;
    case os_family::openbsd:
    case os_family::other_bsd: return elsewhere;
  }
  return linux_advice;
}

std::vector<remedy> more_ports_elsewhere(os_family os, tcp::port_range now) {
  // Where macOS, FreeBSD and NetBSD may begin: above the ports that services are given.
  constexpr std::uint16_t low = 16'384;
  if (os == os_family::windows) return windows_ports();
  if (os == os_family::openbsd) {
    return {{.text = "Widen the port range",
             .command = "sysctl net.inet.ip.portlast=65535\n",
             .risk = {},
             .undo = fmt::format("sysctl net.inet.ip.portlast={}", now.high)}};
  }
  if (now.low <= low) return {};
  return {{.text = "Widen the port range",
           .command = fmt::format("sysctl -w net.inet.ip.portrange.first={}\n", low),
           .risk = fmt::format("a service that listens above {} may find its port taken", low),
           .undo = fmt::format("sysctl -w net.inet.ip.portrange.first={}", now.low)}};
}

remedy longer_queue_elsewhere(std::uint64_t length) {
  return {.text =
              "Ask for a longer queue in the program (listen(fd, backlog); ListenBacklog, "
              "backlog= in its configuration) and let the system allow it",
          .command = fmt::format("sysctl kern.ipc.soacceptqueue={}    # FreeBSD; macOS and others: "
                                 "kern.ipc.somaxconn\n",
                                 length),
          .undo = "set back what sysctl printed before"};
}

}  // namespace waitstate::diagnosis
