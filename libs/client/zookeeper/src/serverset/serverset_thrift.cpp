#include "serverset/serverset_thrift.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "waitstate/client/internal/thrift_struct.h"

namespace waitstate::client {
namespace {

constexpr int levels_max = 7;  // of what is passed over

bool is_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string_view read_text(byte_reader& from) {
  const auto text = from.counted<std::int32_t>();
  if (!is_utf8(text)) from.fail();
  return text;
}

bool is(const thrift_field& field, thrift_type type, std::int16_t id) {
  return field.type == type && field.id == id;
}

endpoint read_endpoint(byte_reader& from) {
  std::string_view host;
  std::int64_t port = 0;
  for (auto next = read_field(from); next.type != thrift_type::stop; next = read_field(from)) {
    if (is(next, thrift_type::text, 1)) {
      host = read_text(from);
    } else if (is(next, thrift_type::i32, 2)) {
      port = from.number<std::int32_t>();
    } else {
      skip_value(from, next.type, levels_max);
    }
  }
  return serverset_endpoint(host, port);
}

/// The element types are given only when there are elements, so they are looked at only then.
std::int32_t expect_map(byte_reader& from, thrift_type key, thrift_type value) {
  const auto has_key = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto has_value = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto count = read_count(from);
  if (count > 0 && (has_key != key || has_value != value)) from.fail();
  return from.ok() ? count : 0;
}

void read_additional(byte_reader& from, serverset_member& into) {
  auto count = expect_map(from, thrift_type::text, thrift_type::structure);
  for (; count > 0 && from.ok(); --count) {
    const auto name = std::string(read_text(from));
    into.additional.insert_or_assign(name, read_endpoint(from));
  }
}

void read_metadata(byte_reader& from, serverset_member& into) {
  auto count = expect_map(from, thrift_type::text, thrift_type::text);
  if (!from.ok()) return;
  auto& metadata = into.metadata.emplace();
  for (; count > 0 && from.ok(); --count) {
    const auto name = std::string(read_text(from));
    metadata.insert_or_assign(name, std::string(read_text(from)));
  }
}

}  // namespace

serverset_status serverset_status_of(std::int64_t number) {
  const bool is_known = number >= 0 && number < static_cast<int>(serverset_status::unknown);
  return is_known ? static_cast<serverset_status>(number) : serverset_status::unknown;
}

endpoint serverset_endpoint(std::string_view host, std::int64_t port) {
  const bool is_port = port > 0 && port <= std::numeric_limits<std::uint16_t>::max();
  return {.host = std::string(host),
          .port = is_port ? static_cast<std::uint16_t>(port) : std::uint16_t{0}};
}

result<serverset_member> parse_serverset_thrift(std::string_view data) {
  byte_reader from(data);
  serverset_member member{.status = serverset_status::unknown};
  bool has_service = false;
  bool has_status = false;
  for (auto next = read_field(from); next.type != thrift_type::stop; next = read_field(from)) {
    if (is(next, thrift_type::structure, 1)) {
      member.service = read_endpoint(from);
      has_service = true;
    } else if (is(next, thrift_type::map, 2)) {
      read_additional(from, member);
    } else if (is(next, thrift_type::i32, 3)) {
      member.status = serverset_status_of(from.number<std::int32_t>());
      has_status = true;
    } else if (is(next, thrift_type::i32, 4)) {
      member.shard = from.number<std::int32_t>();
    } else if (is(next, thrift_type::map, 5)) {
      read_metadata(from, member);
    } else {
      skip_value(from, next.type, levels_max);
    }
  }
  if (!from.ok() || !has_service || !has_status) {
    return failure({.code = errc::corrupt,
                    .what = "serverset member: neither JSON nor a Thrift ServiceInstance",
                    .hint = {}});
  }
  return member;
}

}  // namespace waitstate::client
