#include "mux/mux_message.h"

#include <algorithm>

#include <fmt/format.h>

#include "waitstate/client/internal/byte_reader.h"

namespace waitstate::client {
namespace {

constexpr std::int8_t old_tdiscarded = -62;
constexpr std::int8_t old_rerr = 127;
constexpr std::uint32_t fragment_bit = 1U << 23;
constexpr std::size_t tag_size = 3;
constexpr std::uint8_t lease_in_ms = 0;
constexpr std::uint64_t failure_restartable = 1;
constexpr std::uint64_t failure_final = 4;

failure corrupt(std::string_view why) {
  return failure({.code = errc::corrupt, .what = fmt::format("mux: {}", why), .hint = {}});
}

bool is_known(mux_type type) {
  switch (type) {
    case mux_type::treq:
    case mux_type::rreq:
    case mux_type::tdispatch:
    case mux_type::rdispatch:
    case mux_type::tdrain:
    case mux_type::rdrain:
    case mux_type::tping:
    case mux_type::rping:
    case mux_type::tdiscarded:
    case mux_type::rdiscarded:
    case mux_type::tlease:
    case mux_type::tinit:
    case mux_type::rinit:
    case mux_type::rerr: return true;
  }
  return false;
}

template <class Size>
mux_pairs read_pairs(byte_reader& from) {
  mux_pairs read;
  // Each has its two sizes at least.
  for (auto count = from.number<std::uint16_t>(); count > 0 && from.ok(); --count) {
    std::string key(from.counted<Size>());
    read.emplace_back(std::move(key), from.counted<Size>());
  }
  return read;
}

/// Tinit has no count: they go on to the end.
mux_pairs read_headers(byte_reader& from) {
  mux_pairs read;
  while (from.ok() && from.left() > 0) {
    std::string key(from.counted<std::uint32_t>());
    read.emplace_back(std::move(key), from.counted<std::uint32_t>());
  }
  return read;
}

/// Treq's keys are numbers: what it carries is not kept.
void skip_keys(byte_reader& from) {
  for (auto count = from.number<std::uint8_t>(); count > 0 && from.ok(); --count) {
    from.take(1);
    from.counted<std::uint8_t>();
  }
}

void append_pairs(std::string& to, const mux_pairs& pairs) {
  append_number(to, static_cast<std::uint16_t>(pairs.size()));
  for (const auto& [key, value] : pairs) {
    append_counted<std::uint16_t>(to, key);
    append_counted<std::uint16_t>(to, value);
  }
}

mux_status read_status(byte_reader& from) {
  const auto status = from.number<std::uint8_t>();
  if (status > static_cast<std::uint8_t>(mux_status::nack)) from.fail();
  return static_cast<mux_status>(status);
}

void read_body(byte_reader& from, mux_message& m) {
  switch (m.type) {
    case mux_type::treq:
      skip_keys(from);
      m.body = from.rest();
      return;
    case mux_type::rreq:
      m.status = read_status(from);
      m.body = from.rest();
      return;
    case mux_type::tdispatch:
      m.contexts = read_pairs<std::uint16_t>(from);
      m.dest = from.counted<std::uint16_t>();
      m.delegations = read_pairs<std::uint16_t>(from);
      m.body = from.rest();
      return;
    case mux_type::rdispatch:
      m.status = read_status(from);
      m.contexts = read_pairs<std::uint16_t>(from);
      m.body = from.rest();
      return;
    case mux_type::tdiscarded:
      m.discarded = from.number<std::uint32_t>(tag_size);
      m.body = from.rest();
      return;
    case mux_type::tlease:
      if (from.number<std::uint8_t>() != lease_in_ms) from.fail();
      m.lease_ms = from.number<std::uint64_t>();
      return;
    case mux_type::tinit:
    case mux_type::rinit:
      m.version = from.number<std::uint16_t>();
      m.contexts = read_headers(from);
      return;
    case mux_type::rerr: m.body = from.rest(); return;
    case mux_type::tdrain:
    case mux_type::rdrain:
    case mux_type::tping:
    case mux_type::rping:
    case mux_type::rdiscarded: return;
  }
}

void append_body(std::string& to, const mux_message& m) {
  switch (m.type) {
    case mux_type::treq: append_number(to, std::uint8_t{0}); break;
    case mux_type::rreq: append_number(to, static_cast<std::uint8_t>(m.status)); break;
    case mux_type::tdispatch:
      append_pairs(to, m.contexts);
      append_counted<std::uint16_t>(to, m.dest);
      append_pairs(to, m.delegations);
      break;
    case mux_type::rdispatch:
      append_number(to, static_cast<std::uint8_t>(m.status));
      append_pairs(to, m.contexts);
      break;
    case mux_type::tdiscarded: append_number(to, m.discarded, tag_size); break;
    case mux_type::tlease:
      append_number(to, lease_in_ms);
      append_number(to, m.lease_ms);
      return;
    case mux_type::tinit:
    case mux_type::rinit:
      append_number(to, m.version);
      for (const auto& [key, value] : m.contexts) {
        append_counted<std::uint32_t>(to, key);
        append_counted<std::uint32_t>(to, value);
      }
      return;
    case mux_type::rerr: break;
    case mux_type::tdrain:
    case mux_type::rdrain:
    case mux_type::tping:
    case mux_type::rping:
    case mux_type::rdiscarded: return;
  }
  to += m.body;
}

std::int8_t code_of(mux_type type) {
  if (type == mux_type::tdiscarded) return old_tdiscarded;
  if (type == mux_type::rerr) return old_rerr;
  return static_cast<std::int8_t>(type);
}

}  // namespace

result<mux_frame> read_mux_frame(std::string_view frame) {
  byte_reader from(frame);
  const auto code = from.number<std::int8_t>();
  const auto tag = from.number<std::uint32_t>(tag_size);
  if (!from.ok()) return corrupt("a frame that is too short");
  mux_frame read{.type = static_cast<mux_type>(code),
                 .tag = tag & ~fragment_bit,
                 .has_more = (tag & fragment_bit) != 0,
                 .body = from.rest()};
  if (code == old_tdiscarded) read.type = mux_type::tdiscarded;
  if (code == old_rerr) read.type = mux_type::rerr;
  if (!is_known(read.type)) return corrupt(fmt::format("a message of type {}", code));
  if (read.has_more && read.type != mux_type::tdispatch && read.type != mux_type::rdispatch) {
    return corrupt(fmt::format("a fragment of a message of type {}", code));
  }
  return read;
}

result<mux_message> read_mux_message(mux_type type, std::uint32_t tag, std::string_view body) {
  byte_reader from(body);
  mux_message read{.type = type, .tag = tag};
  read_body(from, read);
  if (!from.ok()) {
    return corrupt(
        fmt::format("a message of type {} that is cut or wrong", static_cast<int>(type)));
  }
  return read;
}

void append_mux_message(std::string& to, const mux_message& m) {
  const auto begin = to.size();
  append_number(to, std::uint32_t{0});
  append_number(to, code_of(m.type));
  append_number(to, m.tag, tag_size);
  append_body(to, m);
  std::string length;
  append_number(length, static_cast<std::uint32_t>(to.size() - begin - sizeof(std::uint32_t)));
  to.replace(begin, length.size(), length);
}

bool is_restartable(const mux_message& reply) {
  const auto flags = std::ranges::find(reply.contexts, "MuxFailure", &mux_pairs::value_type::first);
  if (flags == reply.contexts.end()) return false;
  const auto set = byte_reader(flags->second).number<std::uint64_t>();
  return (set & failure_restartable) != 0 && (set & failure_final) == 0;
}

}  // namespace waitstate::client
