#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/http/http_message.h"

namespace waitstate::client {

/// What is read of a body that nobody wants, to keep its connection. A body that is longer, or does
/// not end in time, costs the connection.
struct http_drain_limits {
  std::uint64_t bytes_max = std::uint64_t{64} << 10;   ///< Of what is left.
  duration time_max = std::chrono::milliseconds(100);  ///< A new connection costs about as much.
};

/// A response whose body is still on its way. Holds the connection: at the body's end it goes back
/// to the pool. A stream that is destroyed before is drained in the background, within
/// http_drain_limits, or its connection is dropped.
///
/// The deadline of the call holds for the body too. For one coroutine at a time; it outlives what
/// it awaits.
class http_stream {
 public:
  struct state;

  http_stream();
  explicit http_stream(std::unique_ptr<state> s);
  ~http_stream();
  http_stream(http_stream&& other) noexcept;
  http_stream& operator=(http_stream&& other) noexcept;
  http_stream(const http_stream&) = delete;
  http_stream& operator=(const http_stream&) = delete;

  /// Status and headers; the body is empty. Trailers once the body has ended.
  [[nodiscard]] const http_response& head() const;
  /// The next piece, as it comes, at most 64 KiB; an empty one is the end, now and from then on.
  [[nodiscard]] task<std::string> read();
  [[nodiscard]] bool is_done() const;

 private:
  void abandon() noexcept;

  std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
