#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "thrift/thrift_binary_scanner.h"
#include "waitstate/base/result.h"

namespace waitstate::sidecar {

/// Takes messages out of what a client of Thrift sends, framed (TFramedTransport, in any protocol)
/// or not (TBufferedTransport in strict TBinaryProtocol); its first bytes say which. Holds little
/// for a client that is idle, and grows with what has arrived, not with what a frame announces.
///
/// Pure: the owner reads into space() and says received(), then asks next() until it gives none.
class thrift_request_reader {
 public:
  /// A message that is longer than this ends everything.
  explicit thrift_request_reader(std::uint32_t message_max)
      : message_max_(message_max), scanner_(message_max) {}

  /// Where the next bytes go; at least one byte long. Valid until the next call of a member.
  [[nodiscard]] std::span<char> space();
  void received(std::size_t bytes);

  /// The next whole message, without its frame; nothing while more has to arrive.
  ///
  /// Fails with errc::corrupt, and from then on: "a frame of 1,195,725,856 B, over the limit of
  /// 16,384,000 B". What comes after that belongs to nothing.
  [[nodiscard]] result<std::optional<std::string>> next();

  /// Is a reply sent in a frame, too? So it is until a client is known to send none.
  [[nodiscard]] bool is_framed() const { return kind_ != kind::unframed; }
  /// Has nothing arrived that next() did not give yet?
  [[nodiscard]] bool is_empty() const { return filled_ == 0; }

 private:
  enum class kind : std::uint8_t { unknown, framed, unframed };

  [[nodiscard]] std::uint32_t first_number() const;
  [[nodiscard]] result<> find_out();
  [[nodiscard]] result<std::optional<std::size_t>> end_of_message();
  std::string take(std::size_t from, std::size_t to);

  const std::uint32_t message_max_;
  kind kind_ = kind::unknown;
  thrift_binary_scanner scanner_;  // of the message that is coming
  std::size_t scanned_ = 0;
  std::string buffer_;
  std::size_t filled_ = 0;
};

}  // namespace waitstate::sidecar
