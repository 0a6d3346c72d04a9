#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/client/internal/byte_reader.h"

namespace waitstate::client {

/// The type ids of TBinaryProtocol.
enum class thrift_type : std::uint8_t {
  stop = 0,
  boolean = 2,
  i8 = 3,
  real = 4,
  i16 = 6,
  i32 = 8,
  i64 = 10,
  text = 11,  ///< And binary.
  structure = 12,
  map = 13,
  set = 14,
  list = 15,
};

struct thrift_field {
  thrift_type type = thrift_type::stop;
  std::int16_t id = 0;
};

/// The next field of a struct in TBinaryProtocol; `stop` at its end and past the end of the bytes.
[[nodiscard]] thrift_field read_field(byte_reader& from);

/// How many elements a list, set or map has. Each has a byte at least, so that a count over what is
/// left fails at once; 0 then.
[[nodiscard]] std::int32_t read_count(byte_reader& from);

/// Passes over a value. Fails (byte_reader::ok) on a type it does not know, past the end, and on
/// values within values more than `levels` deep.
void skip_value(byte_reader& from, thrift_type type, int levels = 32);

void append_field(std::string& to, thrift_type type, std::int16_t id);
void append_text_field(std::string& to, std::int16_t id, std::string_view text);

}  // namespace waitstate::client
