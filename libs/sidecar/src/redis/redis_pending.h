#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "waitstate/client/core/clock.h"

namespace waitstate::sidecar {

/// Who waits for replies: a client. Told on its loop's thread, never while it calls.
class redis_waiter {
 public:
  redis_waiter() = default;
  redis_waiter(const redis_waiter&) = delete;
  redis_waiter& operator=(const redis_waiter&) = delete;
  virtual ~redis_waiter() = default;

  /// Bytes of the reply to its request `number`; `is_end`: the last ones. True when it wants
  /// flush() to be called, and has not said so before.
  virtual bool on_reply(std::uint64_t number, std::string_view bytes, bool is_end) = 0;
  /// There is no reply, or no more of one that `is_begun`; `error` is a whole reply that says why.
  /// True as of on_reply().
  virtual bool on_lost(std::uint64_t number, bool is_begun, std::string_view error) = 0;
  /// The connection that it has for itself brought bytes, which belong to no request.
  virtual bool on_bytes(std::string_view bytes) = 0;
  /// The connection that it has for itself is lost, after on_lost() of what waited; another has
  /// not taken over.
  virtual bool on_own_lost(std::string_view error) = 0;
  /// All that came together has come: now is the time to write.
  virtual void flush() = 0;
};

/// A request that was sent on, or is about to be.
struct redis_pending {
  std::shared_ptr<redis_waiter> who;
  std::uint64_t number = 0;
  std::size_t size = 0;  ///< In bytes, of the request.
  client::time_point since{};
  bool is_read = false;    ///< May be sent again when there was no reply.
  bool may_block = false;  ///< No time-out.
  /// It is no request: it ends, with the server's greeting, as soon as the connection is ready.
  bool is_greeting = false;
  std::uint8_t tries = 0;  ///< Connections that were lost with it.
};

/// What became of a request whose connection was lost.
struct redis_lost {
  redis_pending what;
  std::string bytes;
  bool is_written = false;  ///< Something of it may have reached the server.
  bool is_begun = false;    ///< A part of its reply has come, and went to the client.
};

/// May it go over another connection? Nothing of it was written, or it changes nothing; and no
/// command takes down more than so many connections. Pure.
[[nodiscard]] constexpr bool may_send_again(const redis_lost& lost) {
  constexpr std::uint8_t tries_max = 3;
  if (lost.is_begun || lost.what.tries >= tries_max) return false;
  return !lost.is_written || lost.what.is_read;
}

}  // namespace waitstate::sidecar
