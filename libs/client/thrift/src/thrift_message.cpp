#include "waitstate/client/thrift/thrift_message.h"

#include <fmt/format.h>

#include "waitstate/client/internal/byte_reader.h"
#include "waitstate/client/internal/thrift_struct.h"

namespace waitstate::client {
namespace {

constexpr std::uint16_t binary_version = 0x8001;
constexpr std::uint8_t compact_id = 0x82;
constexpr std::uint8_t compact_version = 1;
constexpr std::uint8_t compact_i32 = 5;
constexpr std::uint8_t compact_text = 8;

failure corrupt(std::string_view why) {
  return failure(
      {.code = errc::corrupt, .what = fmt::format("thrift message: {}", why), .hint = {}});
}

bool is_known(std::uint8_t type) {
  return type >= 1 && type <= 4;
}

void append_varint(std::string& to, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

void read_binary(byte_reader& from, std::uint8_t& type, thrift_envelope& e) {
  from.take(3);
  type = from.number<std::uint8_t>();
  e.name = from.counted<std::int32_t>();
  e.seqid = from.number<std::int32_t>();
}

void read_old_binary(byte_reader& from, std::uint8_t& type, thrift_envelope& e) {
  e.protocol = thrift_protocol::old_binary;
  e.name = from.counted<std::int32_t>();
  type = from.number<std::uint8_t>();
  e.seqid = from.number<std::int32_t>();
}

void read_compact(byte_reader& from, std::uint8_t& type, thrift_envelope& e) {
  e.protocol = thrift_protocol::compact;
  from.take(1);
  const auto type_and_version = from.number<std::uint8_t>();
  if ((type_and_version & 0x1FU) != compact_version) from.fail();
  type = type_and_version >> 5;
  e.seqid = static_cast<std::int32_t>(from.varint());
  e.name = from.take(from.varint());
}

thrift_exception read_binary_exception(byte_reader& from) {
  thrift_exception read;
  while (from.ok()) {
    const auto field = read_field(from);
    if (field.type == thrift_type::stop) break;
    if (field.id == 1 && field.type == thrift_type::text) {
      read.message = from.counted<std::int32_t>();
    } else if (field.id == 2 && field.type == thrift_type::i32) {
      read.type = from.number<std::int32_t>();
    } else {
      skip_value(from, field.type);
    }
  }
  return read;
}

/// Stops at the first field that is not one of the two.
thrift_exception read_compact_exception(byte_reader& from) {
  thrift_exception read;
  unsigned id = 0;
  while (from.ok()) {
    const auto head = from.number<std::uint8_t>();
    id += head >> 4U;
    if (id == 1 && (head & 0x0FU) == compact_text) {
      read.message = from.take(from.varint());
    } else if (id == 2 && (head & 0x0FU) == compact_i32) {
      const auto zigzag = from.varint();
      read.type = static_cast<std::int32_t>((zigzag >> 1U) ^ (0U - (zigzag & 1U)));
    } else {
      break;
    }
  }
  return read;
}

}  // namespace

result<thrift_envelope> read_thrift_envelope(std::string_view message) {
  if (message.empty()) return corrupt("empty");
  byte_reader from(message);
  thrift_envelope e;
  std::uint8_t type = 0;
  if (message.starts_with("\x80\x01")) {
    read_binary(from, type, e);
  } else if (static_cast<std::uint8_t>(message[0]) == compact_id) {
    read_compact(from, type, e);
  } else if (message[0] == '\0') {
    read_old_binary(from, type, e);
  } else {
    return corrupt(fmt::format("begins with 0x{:02x}, neither TBinaryProtocol nor TCompactProtocol",
                               static_cast<std::uint8_t>(message[0])));
  }
  if (!from.ok()) return corrupt("its envelope is cut or wrong");
  if (!is_known(type)) return corrupt(fmt::format("of type {}, which there is not", type));
  e.type = static_cast<thrift_message_type>(type);
  e.body_at = from.at();
  return e;
}

void append_thrift_envelope(std::string& to, const thrift_envelope& e) {
  const auto type = static_cast<std::uint8_t>(e.type);
  switch (e.protocol) {
    case thrift_protocol::binary:
      append_number(to, binary_version);
      append_number(to, std::uint8_t{0});
      append_number(to, type);
      append_counted<std::int32_t>(to, e.name);
      append_number(to, e.seqid);
      return;
    case thrift_protocol::old_binary:
      append_counted<std::int32_t>(to, e.name);
      append_number(to, type);
      append_number(to, e.seqid);
      return;
    case thrift_protocol::compact:
      append_number(to, compact_id);
      append_number(to, static_cast<std::uint8_t>(type << 5U | compact_version));
      append_varint(to, static_cast<std::uint32_t>(e.seqid));
      append_varint(to, static_cast<std::uint32_t>(e.name.size()));
      to += e.name;
      return;
  }
}

bool set_thrift_seqid(std::string& message, const thrift_envelope& of, std::int32_t seqid) {
  if (of.protocol == thrift_protocol::compact) return false;
  std::string number;
  append_number(number, seqid);
  message.replace(of.body_at - number.size(), number.size(), number);
  return true;
}

result<thrift_exception> read_thrift_exception(std::string_view message,
                                               const thrift_envelope& of) {
  byte_reader from(message.substr(of.body_at));
  auto read = of.protocol == thrift_protocol::compact ? read_compact_exception(from)
                                                      : read_binary_exception(from);
  if (!from.ok()) return corrupt("its TApplicationException is cut or wrong");
  return read;
}

}  // namespace waitstate::client
