#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/client/redis/redis_reply.h"
#include "waitstate/client/redis/redis_settings.h"

namespace waitstate::client {

/// Bytes from a server to replies: hiredis' reader, with limits. Nesting is bounded by hiredis, at
/// seven levels.
///
/// Pure. After an error it gives nothing but that error.
class redis_parser {
 public:
  explicit redis_parser(const redis_limits& limits = {});
  ~redis_parser();
  redis_parser(const redis_parser&) = delete;
  redis_parser& operator=(const redis_parser&) = delete;

  void feed(std::string_view bytes);

  /// The next reply, or nothing when more bytes are needed.
  ///
  /// Fails with errc::corrupt for what is not RESP2, and past the limits.
  [[nodiscard]] result<std::optional<redis_reply>> next();

  /// Is a reply begun, or more there than was asked for?
  [[nodiscard]] bool is_at_boundary() const;

 private:
  struct state;
  [[nodiscard]] failure fail(std::string why);
  [[nodiscard]] failure fail_for_long_line();
  [[nodiscard]] bool is_line_too_long() const;
  [[nodiscard]] std::string_view unread() const;
  [[nodiscard]] std::optional<std::size_t> awaited_bulk() const;

  const std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
