#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// What an error line says that a call failed with, whatever the call.
enum class failure : std::uint8_t {
  address_not_available,  ///< EADDRNOTAVAIL.
  address_not_valid,      ///< WSAEADDRNOTAVAIL: Windows says this of an address, never of ports.
  no_port,                ///< WSAENOBUFS, and programs that say that no port is left.
  address_in_use,         ///< EADDRINUSE, WSAEADDRINUSE.
  not_permitted,          ///< EACCES, WSAEACCES.
  no_descriptor,          ///< EMFILE: the process is at its limit.
  file_table_full,        ///< ENFILE: the host is.
  no_lease,               ///< A pool gave out no connection in time.
  dead_lease,             ///< A pool found a connection dead when it looked at it.
  lost_lease,             ///< A pool's leak detector, or a finalizer, found a connection lent.
  timed_out,              ///< ETIMEDOUT, or the program's own deadline.
  refused,                ///< ECONNREFUSED.
  reset                   ///< ECONNRESET, EPIPE.
};

/// The words of a server that starts and finds its port taken, which name no call.
[[nodiscard]] bool is_listen_in_use(std::string_view l);

/// Reads the wordings of libc, Windows, BSD and the languages' libraries, in English and in the
/// languages that libc and Windows translate them to. `l` is in small letters (ASCII).
[[nodiscard]] std::optional<failure> failure_of(std::string_view l);

/// Is the wording, or the number, one of Windows, or one of BSD and macOS?
[[nodiscard]] bool is_worded_by_windows(std::string_view l);
[[nodiscard]] bool is_worded_by_bsd(std::string_view l);

}  // namespace waitstate::paste
