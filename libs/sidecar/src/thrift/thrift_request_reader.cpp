#include "thrift/thrift_request_reader.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::sidecar {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t space_first = 1'024;
constexpr std::size_t space_later = 4'096;
constexpr std::size_t space_max = std::size_t{1} << 20;

failure corrupt(std::string what, std::string_view hint = {}) {
  return failure({.code = errc::corrupt, .what = std::move(what), .hint = std::string(hint)});
}

std::string_view hint_for(std::string_view start) {
  constexpr std::array<std::string_view, 4> methods{"GET ", "POST", "PUT ", "HEAD"};
  if (std::ranges::find(methods, start) != methods.end()) {
    return "the client speaks HTTP, and this is a route of Thrift";
  }
  if (start.starts_with("\x16\x03")) return "the client speaks TLS, and this route does not";
  return {};
}

}  // namespace

std::span<char> thrift_request_reader::space() {
  auto wanted = filled_ == 0 ? space_first : space_later;
  if (kind_ == kind::framed && filled_ >= length_size) {
    const auto whole = length_size + std::min(first_number(), message_max_);
    // No more than what has come already, so that a length alone costs no memory.
    wanted = std::max(wanted, std::min({whole - std::min(filled_, whole), filled_, space_max}));
  }
  if (buffer_.size() < filled_ + wanted) buffer_.resize(filled_ + wanted);
  return std::span(buffer_).subspan(filled_, wanted);
}

void thrift_request_reader::received(std::size_t bytes) {
  assert(filled_ + bytes <= buffer_.size());
  filled_ += bytes;
}

std::uint32_t thrift_request_reader::first_number() const {
  std::uint32_t value = 0;
  for (const char byte : std::string_view(buffer_).substr(0, length_size)) {
    value = value << 8 | static_cast<std::uint8_t>(byte);
  }
  return value;
}

result<> thrift_request_reader::find_out() {
  constexpr std::uint32_t strict_binary = 0x8001;
  constexpr std::uint32_t compact = 0x82;
  const auto number = first_number();
  if (number >> 24 == compact) {
    return corrupt("TCompactProtocol without frames: where a message ends cannot be told",
                   "TFramedTransport in the client");
  }
  kind_ = number >> 16 == strict_binary ? kind::unframed : kind::framed;
  return {};
}

result<std::optional<std::size_t>> thrift_request_reader::end_of_message() {
  if (kind_ == kind::unframed) {
    const auto fresh = std::string_view(buffer_).substr(scanned_, filled_ - scanned_);
    scanned_ += scanner_.take(fresh);
    if (!scanner_.refused().empty()) {
      return corrupt(fmt::format("a message without a frame: {}", scanner_.refused()));
    }
    if (!scanner_.is_done()) return std::nullopt;
    return scanned_;
  }
  const auto size = first_number();
  if (size == 0) return corrupt("a frame with nothing in it");
  if (size > message_max_) {
    return corrupt(fmt::format("a frame of {} B, over the limit of {} B", grouped(size),
                               grouped(message_max_)),
                   hint_for(std::string_view(buffer_).substr(0, length_size)));
  }
  if (filled_ < length_size + size) return std::nullopt;
  return length_size + size;
}

std::string thrift_request_reader::take(std::size_t from, std::size_t to) {
  scanned_ = 0;
  scanner_ = thrift_binary_scanner(message_max_);
  if (filled_ == to) {
    buffer_.resize(filled_);
    buffer_.erase(0, from);
    filled_ = 0;
    return std::exchange(buffer_, {});
  }
  auto message = buffer_.substr(from, to - from);
  buffer_.erase(0, to);
  filled_ -= to;
  return message;
}

result<std::optional<std::string>> thrift_request_reader::next() {
  if (filled_ < length_size) return std::nullopt;
  if (kind_ == kind::unknown) {
    if (auto known = find_out(); !known) return failure(std::move(known).error());
  }
  const auto end = end_of_message();
  if (!end) return failure(end.error());
  if (!*end) return std::nullopt;
  return take(kind_ == kind::framed ? length_size : 0, **end);
}

}  // namespace waitstate::sidecar
