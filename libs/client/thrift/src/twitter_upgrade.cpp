#include "waitstate/client/thrift/twitter_upgrade.h"

#include "waitstate/client/internal/byte_reader.h"
#include "waitstate/client/internal/thrift_struct.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

// Ids of RequestHeader's fields in Finagle's tracing.thrift.
constexpr std::int16_t trace_id_field = 1;
constexpr std::int16_t span_id_field = 2;
constexpr std::int16_t parent_field = 3;
constexpr std::int16_t sampled_field = 5;
constexpr std::int16_t client_id_field = 6;
constexpr std::int16_t flags_field = 7;
constexpr std::int16_t contexts_field = 8;
constexpr std::int16_t dest_field = 9;
constexpr std::int16_t delegations_field = 10;
constexpr std::int16_t trace_id_high_field = 11;

failure corrupt(std::string_view what) {
  return failure({.code = errc::corrupt, .what = std::string(what), .hint = {}});
}

void append_stop(std::string& to) {
  to.push_back('\0');
}

void append_i64_field(std::string& to, std::int16_t id, std::int64_t value) {
  append_field(to, thrift_type::i64, id);
  append_number(to, value);
}

/// A list of structs that have two strings, as contexts and delegations do.
template <class List>
void append_pairs(std::string& to, std::int16_t id, const List& list) {
  append_field(to, thrift_type::list, id);
  append_number(to, static_cast<std::uint8_t>(thrift_type::structure));
  append_number(to, static_cast<std::int32_t>(list.size()));
  for (const auto& [first, second] : list) {
    append_text_field(to, 1, first);
    append_text_field(to, 2, second);
    append_stop(to);
  }
}

std::pair<std::string, std::string> read_pair(byte_reader& from) {
  std::pair<std::string, std::string> read;
  while (from.ok()) {
    const auto field = read_field(from);
    if (field.type == thrift_type::stop) break;
    if (field.type == thrift_type::text && field.id == 1) {
      read.first = from.counted<std::int32_t>();
    } else if (field.type == thrift_type::text && field.id == 2) {
      read.second = from.counted<std::int32_t>();
    } else {
      skip_value(from, field.type);
    }
  }
  return read;
}

template <class List>
void read_pairs(byte_reader& from, List& list) {
  list.clear();
  const auto type = static_cast<thrift_type>(from.number<std::uint8_t>());
  const auto count = from.number<std::int32_t>();
  // Each has its stop byte at least.
  if (type != thrift_type::structure || count < 0 ||
      static_cast<std::size_t>(count) > from.left()) {
    return from.fail();
  }
  for (std::int32_t i = 0; i < count && from.ok(); ++i) {
    auto read = read_pair(from);
    list.push_back({std::move(read.first), std::move(read.second)});
  }
}

void read_header_field(byte_reader& from, const thrift_field& field, twitter_request_header& to) {
  const auto is = [&field](std::int16_t id, thrift_type type) {
    return field.id == id && field.type == type;
  };
  if (is(trace_id_field, thrift_type::i64)) {
    to.trace_id = from.number<std::int64_t>();
  } else if (is(span_id_field, thrift_type::i64)) {
    to.span_id = from.number<std::int64_t>();
  } else if (is(parent_field, thrift_type::i64)) {
    to.parent_span_id = from.number<std::int64_t>();
  } else if (is(sampled_field, thrift_type::boolean)) {
    to.sampled = from.number<std::uint8_t>() != 0;
  } else if (is(client_id_field, thrift_type::structure)) {
    to.client_id = read_pair(from).first;
  } else if (is(flags_field, thrift_type::i64)) {
    to.flags = from.number<std::int64_t>();
  } else if (is(contexts_field, thrift_type::list)) {
    read_pairs(from, to.contexts);
  } else if (is(dest_field, thrift_type::text)) {
    to.dest = from.counted<std::int32_t>();
  } else if (is(delegations_field, thrift_type::list)) {
    read_pairs(from, to.delegations);
  } else if (is(trace_id_high_field, thrift_type::i64)) {
    to.trace_id_high = from.number<std::int64_t>();
  } else {
    skip_value(from, field.type);
  }
}

}  // namespace

std::string_view twitter_upgrade_probe() {
  return "\0\0\0\x28\x80\x01\0\x01\0\0\0\x1b__can__finagle__trace__v3__\0\0\0\0\0"sv;
}

result<bool> is_twitter_upgrade(std::string_view reply) {
  const auto answered = read_thrift_envelope(reply);
  if (!answered) return failure(in_step("upgrade reply", answered.error()));
  return answered->type != thrift_message_type::exception;
}

twitter_context twitter_deadline(std::chrono::nanoseconds now, std::chrono::nanoseconds deadline) {
  twitter_context made{.key = "com.twitter.finagle.Deadline", .value = {}};
  append_number(made.value, now.count());
  append_number(made.value, deadline.count());
  return made;
}

void append_twitter_request_header(std::string& to, const twitter_request_header& header) {
  append_i64_field(to, trace_id_field, header.trace_id);
  append_i64_field(to, span_id_field, header.span_id);
  if (header.parent_span_id) append_i64_field(to, parent_field, *header.parent_span_id);
  if (header.sampled) {
    append_field(to, thrift_type::boolean, sampled_field);
    append_number(to, static_cast<std::uint8_t>(*header.sampled));
  }
  if (!header.client_id.empty()) {
    append_field(to, thrift_type::structure, client_id_field);
    append_text_field(to, 1, header.client_id);
    append_stop(to);
  }
  if (header.flags) append_i64_field(to, flags_field, *header.flags);
  append_pairs(to, contexts_field, header.contexts);
  if (!header.dest.empty()) append_text_field(to, dest_field, header.dest);
  if (!header.delegations.empty()) append_pairs(to, delegations_field, header.delegations);
  if (header.trace_id_high) append_i64_field(to, trace_id_high_field, *header.trace_id_high);
  append_stop(to);
}

result<std::pair<twitter_request_header, std::size_t>> read_twitter_request_header(
    std::string_view frame) {
  byte_reader from(frame);
  twitter_request_header header;
  while (from.ok()) {
    const auto field = read_field(from);
    if (field.type == thrift_type::stop) break;
    read_header_field(from, field, header);
  }
  if (!from.ok()) return corrupt("the frame's RequestHeader is cut or wrong");
  return std::pair(std::move(header), from.at());
}

result<std::size_t> skip_twitter_response_header(std::string_view frame) {
  byte_reader from(frame);
  skip_value(from, thrift_type::structure);
  if (!from.ok()) return corrupt("the frame's ResponseHeader is cut or wrong");
  return from.at();
}

}  // namespace waitstate::client
