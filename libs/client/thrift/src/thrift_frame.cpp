#include "waitstate/client/thrift/thrift_frame.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/client/internal/byte_reader.h"

namespace waitstate::client {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t space_first = 4096;
constexpr std::size_t space_max = std::size_t{1} << 20;

std::string hint_for(std::string_view start) {
  if (start == "HTTP") return "the server speaks HTTP, not framed Thrift";
  if (start.starts_with("\x15\x03")) return "the server speaks TLS: set dial_settings::tls";
  if (start.starts_with("\x80\x01") || start.starts_with("\x82")) {
    return "the server's transport is unframed: it needs a framed one";
  }
  return {};
}

}  // namespace

std::array<char, 4> thrift_frame_length(std::uint32_t bytes) {
  return {static_cast<char>(bytes >> 24), static_cast<char>(bytes >> 16),
          static_cast<char>(bytes >> 8), static_cast<char>(bytes)};
}

void append_thrift_frame(std::string& to, std::string_view bytes) {
  append_counted<std::uint32_t>(to, bytes);
}

std::optional<std::uint32_t> thrift_frame_reader::length() const {
  if (filled_ < length_size) return {};
  return byte_reader({buffer_.data(), length_size}).number<std::uint32_t>();
}

std::span<char> thrift_frame_reader::space() {
  auto wanted = space_first;
  if (const auto known = length(); known && *known <= frame_max_) {
    const auto missing = length_size + *known - std::min(filled_, length_size + *known);
    // No more than what has come already, so that a length alone costs no memory.
    wanted = std::max(space_first, std::min({missing, filled_, space_max}));
  }
  if (buffer_.size() < filled_ + wanted) buffer_.resize(filled_ + wanted);
  return std::span(buffer_).subspan(filled_, wanted);
}

void thrift_frame_reader::received(std::size_t bytes) {
  assert(filled_ + bytes <= buffer_.size());
  filled_ += bytes;
}

void thrift_frame_reader::drop(std::size_t bytes) {
  buffer_.erase(0, bytes);
  filled_ -= bytes;
}

result<std::optional<std::string>> thrift_frame_reader::next() {
  auto size = length();
  while (size == 0U) {
    drop(length_size);
    size = length();
  }
  if (!size) return std::nullopt;
  if (*size > frame_max_) {
    return failure({.code = errc::corrupt,
                    .what = fmt::format("a frame of {} B, over the limit of {} B", grouped(*size),
                                        grouped(frame_max_)),
                    .hint = hint_for({buffer_.data(), length_size})});
  }
  if (filled_ < length_size + *size) return std::nullopt;
  if (filled_ == length_size + *size) {
    buffer_.resize(filled_);
    buffer_.erase(0, length_size);
    filled_ = 0;
    return std::exchange(buffer_, {});
  }
  auto frame = buffer_.substr(length_size, *size);
  drop(length_size + *size);
  return frame;
}

}  // namespace waitstate::client
