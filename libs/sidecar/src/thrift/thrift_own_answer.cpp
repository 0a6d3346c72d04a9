#include "thrift/thrift_own_answer.h"

#include <cstdint>

namespace waitstate::sidecar {
namespace {

using client::thrift_message_type;
using client::thrift_protocol;

constexpr std::string_view said_by = "waitstate: ";

void append_size(std::string& to, std::size_t size) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    to.push_back(static_cast<char>(size >> (shift - 8)));
  }
}

void append_varint(std::string& to, std::size_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

// TApplicationException: 1: its message, a text; 2: its kind, an i32, here internal error, 6.
constexpr std::string_view binary_message("\x0b\0\x01", 3);
constexpr std::string_view binary_kind("\x08\0\x02\0\0\0\x06\0", 8);
// The same in TCompactProtocol: numbers of fields as differences, values in zigzag.
constexpr std::string_view compact_message("\x18", 1);
constexpr std::string_view compact_kind("\x15\x0c\0", 3);

}  // namespace

std::string thrift_own_answer(const client::thrift_envelope& call, std::string_view why) {
  auto reply = call;
  reply.type = thrift_message_type::exception;
  const auto size = said_by.size() + why.size();
  std::string made;
  client::append_thrift_envelope(made, reply);
  const bool is_compact = call.protocol == thrift_protocol::compact;
  if (is_compact) {
    made.append(compact_message);
    append_varint(made, size);
  } else {
    made.append(binary_message);
    append_size(made, size);
  }
  made.append(said_by).append(why);
  made.append(is_compact ? compact_kind : binary_kind);
  return made;
}

void make_oneway(std::string& message, const client::thrift_envelope& of) {
  constexpr auto oneway = static_cast<char>(thrift_message_type::oneway);
  constexpr unsigned compact_version_bits = 0x1F;
  switch (of.protocol) {
    case thrift_protocol::binary: message.at(3) = oneway; return;
    case thrift_protocol::old_binary: message.at(4 + of.name.size()) = oneway; return;
    case thrift_protocol::compact:
      message.at(1) = static_cast<char>(
          (static_cast<unsigned>(message.at(1)) & compact_version_bits) | unsigned{oneway} << 5U);
      return;
  }
}

}  // namespace waitstate::sidecar
