#include "waitstate/client/internal/thrift_struct.h"

namespace waitstate::client {
namespace {

void skip_struct(byte_reader& from, int levels) {
  while (from.ok()) {
    const auto field = read_field(from);
    if (field.type == thrift_type::stop) return;
    skip_value(from, field.type, levels);
  }
}

void skip_list(byte_reader& from, int levels) {
  const auto type = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto count = read_count(from);
  for (std::int32_t i = 0; i < count && from.ok(); ++i) skip_value(from, type, levels);
}

void skip_map(byte_reader& from, int levels) {
  const auto key = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto value = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto count = read_count(from);
  for (std::int32_t i = 0; i < count && from.ok(); ++i) {
    skip_value(from, key, levels);
    skip_value(from, value, levels);
  }
}

}  // namespace

thrift_field read_field(byte_reader& from) {
  const auto type = static_cast<thrift_type>(from.number<std::uint8_t>());
  if (type == thrift_type::stop) return {};
  return {.type = type, .id = from.number<std::int16_t>()};
}

std::int32_t read_count(byte_reader& from) {
  const auto count = from.number<std::int32_t>();
  if (count < 0 || static_cast<std::size_t>(count) > from.left()) from.fail();
  return from.ok() ? count : 0;
}

void skip_value(byte_reader& from, thrift_type type, int levels) {
  if (levels < 0) return from.fail();
  switch (type) {
    case thrift_type::boolean:
    case thrift_type::i8: from.take(1); return;
    case thrift_type::i16: from.take(2); return;
    case thrift_type::i32: from.take(4); return;
    case thrift_type::real:
    case thrift_type::i64: from.take(8); return;
    case thrift_type::text: from.counted<std::int32_t>(); return;
    case thrift_type::structure: skip_struct(from, levels - 1); return;
    case thrift_type::map: skip_map(from, levels - 1); return;
    case thrift_type::set:
    case thrift_type::list: skip_list(from, levels - 1); return;
    case thrift_type::stop: break;
  }
  from.fail();
}

void append_field(std::string& to, thrift_type type, std::int16_t id) {
  append_number(to, static_cast<std::uint8_t>(type));
  append_number(to, id);
}

void append_text_field(std::string& to, std::int16_t id, std::string_view text) {
  append_field(to, thrift_type::text, id);
  append_counted<std::int32_t>(to, text);
}

}  // namespace waitstate::client
