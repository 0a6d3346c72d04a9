#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// What Apache Thrift's servers accept unless told otherwise.
inline constexpr std::uint32_t thrift_frame_max = 16'384'000;

/// A frame is its length, in four bytes, big-endian, and then its bytes. This is the length.
[[nodiscard]] std::array<char, 4> thrift_frame_length(std::uint32_t bytes);

/// The length and the bytes, behind what `to` holds already.
void append_thrift_frame(std::string& to, std::string_view bytes);

/// Takes frames out of a stream as it arrives. Its buffer grows with what has arrived, not with
/// what a frame says that it will have.
///
/// Pure: the owner reads into space() and says received(), then asks next() until it gives none.
class thrift_frame_reader {
 public:
  /// A frame that says it is longer than `frame_max` ends everything.
  explicit thrift_frame_reader(std::uint32_t frame_max = thrift_frame_max)
      : frame_max_(frame_max) {}

  /// Where the next bytes go; at least one byte long. Valid until the next call of a member.
  [[nodiscard]] std::span<char> space();
  void received(std::size_t bytes);

  /// The next whole frame, or nothing while more has to arrive. Frames of no length are passed
  /// over: some servers answer a oneway message with one.
  ///
  /// Fails with errc::corrupt when the length is over the limit, and from then on:
  /// "a frame of 1,195,725,856 B, over the limit of 16,384,000 B", with a hint where those four
  /// bytes look like HTTP or TLS.
  [[nodiscard]] result<std::optional<std::string>> next();

  /// Has nothing arrived that next() did not give yet?
  [[nodiscard]] bool is_at_boundary() const { return filled_ == 0; }

 private:
  [[nodiscard]] std::optional<std::uint32_t> length() const;
  void drop(std::size_t bytes);

  std::uint32_t frame_max_;
  std::string buffer_;
  std::size_t filled_ = 0;
};

}  // namespace waitstate::client
