#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace waitstate {

/// What kind of thing went wrong. Code branches on this; people read `what`.
enum class errc : std::uint8_t {
  invalid_input,  ///< The user gave something we cannot use.
  not_found,      ///< The thing named does not exist.
  permission,     ///< The kernel refused; usually a missing capability.
  unsupported,    ///< This kernel or build cannot do it.
  unavailable,    ///< A peer or device did not answer in time.
  corrupt,        ///< Received or stored data breaks its own format.
  system,         ///< Any other failed system call.
};

/// A failure we expect to meet in normal operation. A bug is not an error: it
/// fails an assertion.
///
/// `what` is worded for the person: lower case, no full stop, the value they
/// gave in quotes, the reason last. The caller prints "waitstate: " before it.
struct error {
  errc code;
  std::string what;  ///< "netns 'blue': No such file or directory"
  std::string hint;  ///< One thing the user can do about it, or empty.
};

/// Names the step that failed: "sockets: " + e.what.
[[nodiscard]] error in_step(std::string_view step, error e);

/// Turns a positive errno value into an error: "open /etc/x: No such file or directory".
[[nodiscard]] error from_errno(int number, std::string_view action);

}  // namespace waitstate
