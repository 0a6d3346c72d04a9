#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// Which end of a connection a filter or a column speaks of.
enum class connection_end : std::uint8_t { either, local, remote };

/// What a command that somebody typed prints, as far as it tells what the lines after it mean:
/// "netstat -tan | awk '$5 ~ /:8139/ {print $6}' | sort | uniq -c" counts states of connections
/// to remote port 8139.
struct command {
  enum class tool : std::uint8_t {
    other,        ///< Nothing that the lines after it need.
    sockets,      ///< netstat, ss, lsof -i, Get-NetTCPConnection, /proc/net/tcp.
    descriptors,  ///< lsof without -i, ls /proc/PID/fd.
    setting,      ///< sysctl KEY, cat /proc/sys/...: `key` says which.
    fd_limit,     ///< ulimit.
    kernel,       ///< uname.
    conntrack,    ///< conntrack -C, conntrack -L | wc -l, wc -l /proc/net/nf_conntrack.
    file_nr       ///< cat /proc/sys/fs/file-nr
  };
  tool what = tool::other;

  bool counts_lines = false;     ///< Ends in "wc -l", "grep -c", "find /c", ".Count".
  bool counts_distinct = false;  ///< "sort | uniq" or "sort -u" before that.
  bool lists_counts = false;     ///< Ends in "uniq -c", an awk array or Group-Object.
  bool shows_owners = false;     ///< netstat -p, ss -p, -b.
  bool shows_timers = false;     ///< ss -o, with its columns left as they are.
  bool only_owned = false;       ///< lsof: what it lists, somebody holds.
  bool only_ghosts = false;      ///< lsof's "can't identify protocol" and the like.
  bool only_listeners = false;   ///< -l, -L.

  tcp::state state = tcp::state::unknown;            ///< Only sockets in this state.
  std::uint16_t port = 0;                            ///< Only sockets with this port,
  connection_end port_end = connection_end::either;  ///< at this end.
  std::string address;                               ///< Only sockets with this address, or empty.
  /// The column that is counted, when it is an endpoint.
  std::optional<connection_end> column;

  /// The column of the output that is the local endpoint; the peer's is the next. Of ss it
  /// depends on the columns before it: Netid without -t, State unless one state was asked for.
  std::uint8_t local_column = 4;

  /// Which word of a printed line, from 1, is the program and the pid of lsof's first columns; 0:
  /// none.
  std::uint8_t program_word = 0;
  std::uint8_t pid_word = 0;

  /// The port is a bare number that grep looks for in rows that show owners: it may be a pid.
  bool port_may_be_pid = false;

  std::int32_t pid = 0;  ///< lsof -p, /proc/PID.
  std::string program;   ///< lsof -c, grep of a word that is neither state nor port.
  std::string key;       ///< The setting: "net.ipv4.tcp_tw_reuse".
  std::string value;     ///< What the command itself sets it to (sysctl -w, echo ... >).
  /// "sleep 5" of a loop, "watch -n 5".
  std::optional<std::chrono::milliseconds> interval;
  /// A number that follows the command on its own line: "... | wc -l  => 2065".
  std::optional<std::uint64_t> result;

  friend bool operator==(const command&, const command&) = default;
};

/// Takes a command line apart. Never fails: what is unknown is tool::other.
[[nodiscard]] command parse_command(std::string_view text);

}  // namespace waitstate::paste
