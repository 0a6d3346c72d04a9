#pragma once

#include <cstdint>
#include <string_view>

#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// What is known of a failed attempt.
struct attempt_facts {
  std::uint32_t attempt = 1;   ///< This was the first, second ...
  bool reused = false;         ///< The connection had served a call before.
  bool bytes_written = false;  ///< Some of the request may have reached the server.
  bool response_byte_seen = false;
  bool idempotent = false;  ///< Doing it twice is the same as doing it once.
  bool replayable = true;   ///< The request can be sent again from its beginning.
  /// The server says that it did not touch the request (a ThriftMux nack).
  bool refused = false;
  /// The next attempt would go to another server.
  bool elsewhere = false;
};

enum class retry_verdict : std::uint8_t {
  retry,
  too_many_attempts,
  past_deadline,
  answered,        ///< A part of the response was there.
  not_replayable,  ///< The request's body is used up.
  not_idempotent,  ///< The server may have done it.
  new_connection,  ///< It failed on a new connection, and there is no other server to try.
};

[[nodiscard]] std::string_view to_string(retry_verdict v);

/// May a failed call be tried again? Yes, when the server refused it without touching it; and, on a
/// connection that was reused (which the server may have closed meanwhile) or on another server,
/// when nothing was written or the call is idempotent and nothing was answered (RFC 9110 section
/// 9.2.2). Pure.
[[nodiscard]] retry_verdict decide_retry(const attempt_facts& facts, const retry_settings& settings,
                                         time_point deadline, time_point now);

}  // namespace waitstate::client
