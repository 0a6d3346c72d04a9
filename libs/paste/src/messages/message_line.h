#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "messages/socket_call.h"
#include "rows/row.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/message.h"

namespace waitstate::paste {

/// A line that the kernel or a program printed about something that went wrong. Views point into
/// the line, or to constants.
struct message_line {
  message_kind kind = message_kind::address_not_available;
  std::uint64_t count = 1;
  std::optional<text_endpoint> endpoint;
  std::string_view program;
  bool to_upstream = false;
  std::optional<std::uint64_t> queued;
  /// How many may wait, where the line says so beside `queued`.
  std::optional<std::uint64_t> backlog;
  /// The call that failed, where the line tells; lines of a stack trace beside it may.
  socket_call call = socket_call::unknown;
  os_family os = os_family::unknown;  ///< The system whose wording or number it is.

  friend bool operator==(const message_line&, const message_line&) = default;
};

/// The kind of an error that stands by itself once the lines around it told its call: EADDRNOTAVAIL
/// of a bind() is about the address, EADDRINUSE of a connect() about ports.
[[nodiscard]] message_kind kind_by_call(message_kind kind, socket_call call);

}  // namespace waitstate::paste
