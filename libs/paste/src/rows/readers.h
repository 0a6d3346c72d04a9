#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rows/format.h"
#include "rows/row.h"

namespace waitstate::paste {

/// The readers of rows. Each takes one line without its newline and without colours, and gives
/// the socket it is about, or nothing when the line is no row of that tool. Rows of UDP, UNIX and
/// other sockets are nothing. Each is a part of one format: see formats().
///
/// All of them
///   - pass over a prompt, grep's "12:", "> ", a time stamp: up to eight words,
///   - take masked addresses, names of hosts and services, IPv6 in every form, tabs, and lines that
///     were cut as long as protocol or state and the endpoints are there,
///   - look at the first 8 KiB of a line only, and allocate nothing that grows with it.
///
/// A row needs a protocol word, or two endpoints and a state; where the state is a word that nobody
/// knows, or cut off, it is tcp::state::unknown.

/// `ss -t` of iproute2, with or without the Netid column, -n, -p, -e, -o, -i, -O.
///   tcp   ESTAB 0      0      10.0.0.7:80   10.0.0.8:55123 users:(("nginx",pid=12,fd=3)) ino:7
///   sk:1
/// The peer may be missing when ss wrapped the line there; read_ss_continuation() adds it.
[[nodiscard]] std::optional<row> read_ss_row(std::string_view line);

/// A row under a header without "State", as `ss -tn state close-wait` prints it. The state is
/// unknown; only the header or the command tells. Call it under such a header only: four words.
///   0      0      10.0.0.7:80   10.0.0.8:55123
[[nodiscard]] std::optional<row> read_ss_row_without_state(std::string_view line);

/// A line that goes on with the row before it: what ss wraps (the peer, users, timer) and the
/// second line of -i, indented all of them but for a lone "users:". Adds what it finds to `r`;
/// false and nothing changed when it is no such line.
bool read_ss_continuation(std::string_view line, row& r);

[[nodiscard]] table_header ss_header(std::string_view line);

/// `netstat` of net-tools and busybox, with any of -n -p -o -e -W, in any language.
///   tcp        1      0 10.0.0.7:80   10.0.0.8:29824   CLOSE_WAIT  1464/nginx  off (0.00/0/0)
[[nodiscard]] std::optional<row> read_netstat_linux_row(std::string_view line);

/// What mail wrapped off a row: its state, and what stands behind it. Adds it to `r`; false and
/// nothing changed when the line is something else, or the row has its state.
bool read_netstat_linux_continuation(std::string_view line, row& r);

[[nodiscard]] table_header netstat_linux_header(std::string_view line);

/// `netstat` of Windows with any of -n -o -t, in any language; and PowerShell's
/// Get-NetTCPConnection as it prints a table. No queues.
///     TCP    127.0.0.1:50515   [::1]:50051   TIME_WAIT   4711
[[nodiscard]] std::optional<row> read_netstat_windows_row(std::string_view line);

/// `netstat -b` of Windows: the line " [nginx.exe]" names the owner of the row before it.
bool read_windows_program(std::string_view line, row& r);

/// In any language, and the table of Get-NetTCPConnection.
[[nodiscard]] table_header netstat_windows_header(std::string_view line);

/// TCPView of Sysinternals, as it saves a list: the program first, and ports in columns of their
/// own.
///   java.exe  4312  TCP  10.0.0.7  8080  10.0.0.8  51022  CLOSE_WAIT  12  900
[[nodiscard]] std::optional<row> read_tcpview_row(std::string_view line);

[[nodiscard]] table_header tcpview_header(std::string_view line);

/// `netstat` of macOS, the BSDs, AIX and Solaris; also -v of macOS; and -L, whose rows are
/// listeners.
///   tcp4       0      0  10.0.0.7.80    10.0.0.8.55123   ESTABLISHED
///   tcp4  27/0/32          *.pop3
[[nodiscard]] std::optional<row> read_netstat_bsd_row(std::string_view line);

/// That of -L too.
[[nodiscard]] table_header netstat_bsd_header(std::string_view line);

/// A row of `lsof` about a TCP socket, with any of its columns cut.
///   nginx  1464 www  12u  IPv4  42056997  0t0  TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)
/// `inode` is DEVICE where it is a decimal number (Linux), so that threads and forks that share a
/// socket can be told from each other's.
[[nodiscard]] std::optional<row> read_lsof_row(std::string_view line);

[[nodiscard]] table_header lsof_header(std::string_view line);

/// A row of /proc/net/tcp or /proc/net/tcp6 of a little-endian machine.
///    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 4711
[[nodiscard]] std::optional<row> read_proc_net_tcp_row(std::string_view line);

[[nodiscard]] table_header proc_net_tcp_header(std::string_view line);

/// `sockstat -46 -s -P tcp` of FreeBSD. No queues.
///   www  nginx  1464  12  tcp4  10.0.0.7:80  10.0.0.8:55123  CLOSE_WAIT
[[nodiscard]] std::optional<row> read_sockstat_freebsd_row(std::string_view line);

[[nodiscard]] table_header sockstat_freebsd_header(std::string_view line);

/// What a row of lsof that is no TCP socket is about.
enum class descriptor_kind : std::uint8_t {
  /// A socket that lsof found in no table: "can't identify protocol", "protocol: TCP", "no PCB".
  socket_without_protocol,
  other_socket,      ///< UDP, UNIX, netlink; and any socket of busybox's lsof, which does not say.
  file,              ///< A regular file or a directory.
  pipe,              ///< A pipe or FIFO.
  other,             ///< Devices, event and timer descriptors, ...
  not_a_descriptor,  ///< cwd, txt, mem, ...: takes no number of the process's limit.
};

struct lsof_other {
  std::string_view program;
  std::int32_t pid = 0;
  descriptor_kind kind = descriptor_kind::other;

  friend bool operator==(const lsof_other&, const lsof_other&) = default;
};

/// Any other row of lsof or of busybox's lsof. Nothing for a TCP socket with its endpoints.
[[nodiscard]] std::optional<lsof_other> read_lsof_other(std::string_view line);

}  // namespace waitstate::paste
