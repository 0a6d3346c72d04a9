#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace waitstate {

/// What kind of thing went wrong. Code branches on this; people read `what`.
enum class errc : std::uint8_t {
  invalid_input,  ///< The user gave something we cannot use.
  not_found,      ///< The thing named does not exist.
  permission,     ///< The kernel refused; usually a missing capability.
  unsupported,    ///< This kernel or build cannot do it.
  unavailable,    ///< A peer or device cannot serve, for none of the reasons below.
  corrupt,        ///< Received or stored data breaks its own format.
  system,         ///< Any other failed system call.

  // What calls to other machines meet.
  timed_out,       ///< The deadline came first.
  cancelled,       ///< Whoever wanted it gave it up, or what it went through has ended.
  refused,         ///< Nobody listens there.
  reset,           ///< The peer closed before it was done.
  unreachable,     ///< No way leads there.
  tls,             ///< The certificate is not trusted, or the handshake failed.
  name_not_found,  ///< The name has no address.
  overloaded,      ///< Too many wait already.
};

/// Is it that a peer could not be reached or did not answer, so that another one, or this one
/// later, may? True for unavailable, timed_out, refused, reset, unreachable, name_not_found,
/// overloaded.
[[nodiscard]] bool is_unavailable(errc code);

/// Where a call to another machine was when it failed.
enum class call_phase : std::uint8_t {
  none,        ///< It is the error of no call, or it failed before it began.
  wait,        ///< In line for a connection: all were in use.
  resolve,     ///< Its name was being looked up.
  connect,     ///< A connection was being made.
  tls,         ///< In TLS's handshake.
  greeting,    ///< The protocol greeted on a new connection.
  send,        ///< Nothing of the request had gone out.
  first_byte,  ///< It had, and nothing of the answer had come.
  body,        ///< A part of the answer had come.
};

/// "first byte"
[[nodiscard]] std::string_view to_string(call_phase p);

/// A failure we expect to meet in normal operation. A bug is not an error: it
/// fails an assertion.
///
/// `what` is worded for the person: lower case, no full stop, the value they
/// gave in quotes, the reason last. The caller prints "waitstate: " before it.
struct error {
  errc code;
  std::string what;            ///< "netns 'blue': No such file or directory"
  std::string hint;            ///< One thing the user can do about it, or empty.
  std::error_code cause = {};  ///< What the system said; 0 when it was not the system that failed.
  call_phase phase = call_phase::none;  ///< Of calls: how far it had come.
  /// Of calls: something of the request may have reached a server, in this attempt or another.
  bool is_sent = false;
};

/// Names the step that failed: "sockets: " + e.what.
[[nodiscard]] error in_step(std::string_view step, error e);

/// Turns a positive errno value into an error: "open /etc/x: No such file or directory".
[[nodiscard]] error from_errno(int number, std::string_view action);

}  // namespace waitstate
