#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

enum class thrift_protocol : std::uint8_t {
  binary,      ///< TBinaryProtocol with a version: what everybody writes.
  old_binary,  ///< The same without one, still accepted by most.
  compact,     ///< TCompactProtocol
};

enum class thrift_message_type : std::uint8_t { call = 1, reply = 2, exception = 3, oneway = 4 };

/// What is before a message's struct.
struct thrift_envelope {
  thrift_protocol protocol = thrift_protocol::binary;
  thrift_message_type type = thrift_message_type::call;
  std::int32_t seqid = 0;
  std::string_view name{};  ///< Of the method; a view into the message.
  std::size_t body_at = 0;  ///< Where the struct begins.
};

/// Reads the envelope in whichever of the protocols it is, by its first byte. Nothing is copied.
///
/// Fails with errc::corrupt: "thrift message: ...".
[[nodiscard]] result<thrift_envelope> read_thrift_envelope(std::string_view message);

/// The inverse; `body_at` is of no meaning.
void append_thrift_envelope(std::string& to, const thrift_envelope& e);

/// Changes the number of a message in place. False, and nothing changed, where the protocol is
/// compact: the number's size there depends on its value.
bool set_thrift_seqid(std::string& message, const thrift_envelope& of, std::int32_t seqid);

/// TApplicationException: what a server says instead of a reply when no method could answer.
struct thrift_exception {
  enum kind : std::int32_t {
    unknown = 0,
    unknown_method = 1,
    invalid_message_type = 2,
    wrong_method_name = 3,
    bad_sequence_id = 4,
    missing_result = 5,
    internal_error = 6,
    protocol_error = 7,
  };
  std::string message{};
  std::int32_t type = unknown;

  /// Is it the server that failed, or was it the caller? A method that threw what its interface
  /// does not declare is `internal_error` from most servers, and `unknown` from those in C++.
  [[nodiscard]] bool is_server_failure() const {
    return type == internal_error || type == unknown || type == missing_result;
  }
};

/// Reads the struct of a message of type exception; fields that it does not know are passed over.
[[nodiscard]] result<thrift_exception> read_thrift_exception(std::string_view message,
                                                             const thrift_envelope& of);

}  // namespace waitstate::client
