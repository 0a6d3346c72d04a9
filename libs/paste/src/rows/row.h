#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/address.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// One end of a connection as the text has it. The view points into the line that was read.
struct text_endpoint {
  /// "10.0.0.7", "fe80::1", "db.internal", "XX.XX.XX.XX", "*", or empty. Without brackets and
  /// without a zone ("%eth0"); of /proc/net/tcp the hexadecimal digits.
  std::string_view host;
  std::uint16_t port = 0;  ///< 0: any, masked, or a service name nobody knows.
  tcp::address address;    ///< `host` as a number; none when it is a name, masked, cut or "*".
  /// `port` is 0 for a service that nobody here knows: lsof and netstat without -n took its name
  /// from /etc/services, which has no port that connect() is given.
  bool is_service = false;

  friend bool operator==(const text_endpoint&, const text_endpoint&) = default;
};

/// One socket as a row of some tool's output has it: what the columns say and nothing else. What
/// the row has no column for is nullopt or empty. Views point into the line that was read.
struct row {
  tcp::state state = tcp::state::unknown;
  text_endpoint local;
  text_endpoint remote;
  std::optional<std::uint32_t> receive_queue;
  std::optional<std::uint32_t> send_queue;
  /// BSD's `netstat -L`: waiting / incomplete / limit are receive_queue, this, send_queue.
  std::optional<std::uint32_t> incomplete;

  std::string_view program;  ///< As printed, maybe cut: "nginx", "python3.1".
  std::int32_t pid = 0;
  /// The format has a column for the owner and it is empty ("-"): nobody, or hidden.
  bool owner_shown_empty = false;
  /// Nothing where `inode` is 0: the kernel has no user for such a socket and prints 0.
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> inode;
  std::uint64_t cookie = 0;

  socket_timer timer = socket_timer::unknown;
  std::uint32_t timer_ms = 0;
  std::uint8_t retransmits = 0;               ///< Or unanswered probes, of the timers for those.
  std::optional<std::uint32_t> last_data_ms;  ///< ss -i: lastrcv
  std::optional<std::uint32_t> last_ack_ms;   ///< ss -i: lastack

  friend bool operator==(const row&, const row&) = default;
};

}  // namespace waitstate::paste
