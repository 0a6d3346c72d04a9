#include "serverset_thrift.h"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace waitstate::client {
namespace {

constexpr int depth_max = 8;

enum type : std::uint8_t {
  stop = 0,
  boolean = 2,
  byte = 3,
  number_double = 4,
  i16 = 6,
  i32 = 8,
  i64 = 10,
  string = 11,
  structure = 12,
  map = 13,
  set = 14,
  list = 15,
};

bool is_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// A cursor over the bytes. Past the end, or at anything that cannot be, it is `broken` and gives
/// zeros; every loop asks.
class reader {
 public:
  explicit reader(std::string_view data) : rest_(data) {}

  [[nodiscard]] bool is_broken() const { return is_broken_; }

  std::int64_t number(std::size_t size) {
    const auto raw = take(size);
    std::uint64_t value = 0;
    for (const char c : raw) value = value << 8 | static_cast<std::uint8_t>(c);
    return static_cast<std::int64_t>(value);
  }
  std::uint8_t type_id() { return static_cast<std::uint8_t>(number(1)); }
  std::int32_t integer() { return static_cast<std::int32_t>(number(4)); }

  std::string_view bytes() {
    const auto size = integer();
    if (size < 0) return fail();
    return take(static_cast<std::size_t>(size));
  }
  std::string_view text() {
    const auto value = bytes();
    return is_utf8(value) ? value : fail();
  }

  /// How many elements, of which each takes at least a byte.
  std::size_t count() {
    const auto size = integer();
    if (size < 0 || static_cast<std::size_t>(size) > rest_.size()) (void)fail();
    return is_broken_ ? 0 : static_cast<std::size_t>(size);
  }

  void skip(std::uint8_t what, int depth) {
    if (depth > depth_max) return (void)fail();
    switch (what) {
      case boolean:
      case byte: (void)take(1); return;
      case i16: (void)take(2); return;
      case i32: (void)take(4); return;
      case i64:
      case number_double: (void)take(8); return;
      case string: (void)bytes(); return;
      case structure: return skip_struct(depth);
      case map: return skip_map(depth);
      case set:
      case list: return skip_list(depth);
      default: (void)fail(); return;
    }
  }

  /// The header of the next field, or nothing at the end.
  std::optional<std::pair<std::uint8_t, std::int16_t>> field() {
    const auto what = type_id();
    if (is_broken_ || what == stop) return std::nullopt;
    const auto id = static_cast<std::int16_t>(number(2));
    return std::pair{what, id};
  }

  std::string_view fail() {
    is_broken_ = true;
    rest_ = {};
    return {};
  }

 private:
  std::string_view take(std::size_t size) {
    if (is_broken_ || size > rest_.size()) return fail();
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  void skip_struct(int depth) {
    while (const auto next = field()) skip(next->first, depth + 1);
  }
  void skip_map(int depth) {
    const auto key = type_id();
    const auto value = type_id();
    for (auto left = count(); left > 0 && !is_broken_; --left) {
      skip(key, depth + 1);
      skip(value, depth + 1);
    }
  }
  void skip_list(int depth) {
    const auto element = type_id();
    for (auto left = count(); left > 0 && !is_broken_; --left) skip(element, depth + 1);
  }

  std::string_view rest_;
  bool is_broken_ = false;
};

endpoint read_endpoint(reader& from) {
  std::string_view host;
  std::int64_t port = 0;
  while (const auto next = from.field()) {
    if (*next == std::pair{std::uint8_t{string}, std::int16_t{1}}) {
      host = from.text();
    } else if (*next == std::pair{std::uint8_t{i32}, std::int16_t{2}}) {
      port = from.integer();
    } else {
      from.skip(next->first, 1);
    }
  }
  return serverset_endpoint(host, port);
}

/// The element types are given only when there are elements, so they are looked at only then.
bool expect_map(reader& from, std::uint8_t key, std::uint8_t value, std::size_t& count) {
  const auto has_key = from.type_id();
  const auto has_value = from.type_id();
  count = from.count();
  if (count > 0 && (has_key != key || has_value != value)) (void)from.fail();
  return !from.is_broken();
}

void read_additional(reader& from, serverset_member& into) {
  std::size_t count = 0;
  if (!expect_map(from, string, structure, count)) return;
  for (; count > 0 && !from.is_broken(); --count) {
    const auto name = std::string(from.text());
    into.additional.insert_or_assign(name, read_endpoint(from));
  }
}

void read_metadata(reader& from, serverset_member& into) {
  std::size_t count = 0;
  if (!expect_map(from, string, string, count)) return;
  auto& metadata = into.metadata.emplace();
  for (; count > 0 && !from.is_broken(); --count) {
    const auto name = std::string(from.text());
    metadata.insert_or_assign(name, std::string(from.text()));
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
  reader from(data);
  serverset_member member{.status = serverset_status::unknown};
  bool has_service = false;
  bool has_status = false;
  while (const auto next = from.field()) {
    const auto [what, id] = *next;
    if (what == structure && id == 1) {
      member.service = read_endpoint(from);
      has_service = true;
    } else if (what == map && id == 2) {
      read_additional(from, member);
    } else if (what == i32 && id == 3) {
      member.status = serverset_status_of(from.integer());
      has_status = true;
    } else if (what == i32 && id == 4) {
      member.shard = from.integer();
    } else if (what == map && id == 5) {
      read_metadata(from, member);
    } else {
      from.skip(what, 1);
    }
  }
  if (from.is_broken() || !has_service || !has_status) {
    return failure({.code = errc::corrupt,
                    .what = "serverset member: neither JSON nor a Thrift ServiceInstance",
                    .hint = {}});
  }
  return member;
}

}  // namespace waitstate::client
