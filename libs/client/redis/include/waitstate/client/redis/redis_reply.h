#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace waitstate::client {

/// What a Redis server can say in RESP2. (RESP3 needs hiredis 1.0.)
enum class redis_kind : std::uint8_t {
  null,     ///< "$-1" or "*-1"
  status,   ///< "+OK"
  error,    ///< "-WRONGTYPE Operation against ..."
  integer,  ///< ":42"
  string,   ///< "$5": any bytes
  array,    ///< "*2"
};

[[nodiscard]] std::string_view to_string(redis_kind k);

/// One reply: a value, whatever it says. An error reply is a value, too, since the server worked
/// and the connection goes on.
struct redis_reply {
  redis_kind kind = redis_kind::null;
  std::string text;  ///< Of a status, an error or a string.
  std::int64_t number = 0;
  std::vector<redis_reply> elements;  ///< Of an array; at most eight levels deep.

  [[nodiscard]] bool is_null() const { return kind == redis_kind::null; }
  [[nodiscard]] bool is_error() const { return kind == redis_kind::error; }
  [[nodiscard]] bool is_status(std::string_view s) const {
    return kind == redis_kind::status && text == s;
  }
  /// The first word of an error, "WRONGTYPE"; empty for anything else.
  [[nodiscard]] std::string_view error_code() const;

  friend bool operator==(const redis_reply&, const redis_reply&) = default;
};

/// One line for people and messages: `"text"`, `(nil)`, `(error) ERR ...`, `[1, "two", OK]`. Bytes
/// that are no printable ASCII are written as \x1f. Cut, with "...", past `length_max` bytes.
[[nodiscard]] std::string to_string(const redis_reply& r, std::size_t length_max = 200);

/// Does this error say that the server did not touch the command, and would not at the moment:
/// LOADING, READONLY, MASTERDOWN, CLUSTERDOWN and BUSY?
[[nodiscard]] bool is_refusal(const redis_reply& r);

}  // namespace waitstate::client
