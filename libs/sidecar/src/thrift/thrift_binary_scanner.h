#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace waitstate::sidecar {

/// Finds where a message in strict TBinaryProtocol ends that comes without a frame, as clients of
/// TBufferedTransport send it. Its bytes may be cut anywhere; each is looked at once, texts and
/// lists of numbers are passed over as a whole.
///
/// Pure. It knows sizes and nothing of meanings, and is bounded: by the bytes of a message and by
/// how deep values are within values.
class thrift_binary_scanner {
 public:
  /// A message longer than this is refused as soon as it says so.
  explicit thrift_binary_scanner(std::uint32_t message_max) : left_(message_max) {}

  /// How many of the bytes belong to the message; all of them while it is not done. 0 for some
  /// bytes where it is done or refused.
  std::size_t take(std::string_view bytes);

  [[nodiscard]] bool is_done() const { return state_ == state::done; }
  /// Why this is no message, a text that lives for ever; empty: it may be one.
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  enum class state : std::uint8_t {
    version,
    name_size,
    seqid,
    field_type,
    field_id,
    text_size,
    list_head,
    map_head,
    done,
  };
  /// A value that has values: a struct until its stop, or so many elements of one or two types.
  struct level {
    std::uint8_t first_type = 0;
    std::uint8_t second_type = 0;
    bool is_struct = true;
    std::uint64_t elements = 0;
  };

  void act();
  void want(state next, std::size_t bytes);
  void pass_over(std::uint64_t bytes);
  /// A value of that type begins. False: its size is known, and it is passed over.
  bool needs_more_of(std::uint8_t type);
  /// What comes behind a value that is over.
  void go_on();
  void begin(level l);
  void read_elements(std::uint8_t first, std::uint8_t second, std::uint32_t count);
  void refuse(std::string_view why);
  [[nodiscard]] std::uint32_t number(std::size_t at) const;

  static constexpr std::size_t levels_max = 64;

  state state_ = state::version;
  std::string_view refused_;
  std::uint64_t left_;      // of what the message may be long
  std::uint64_t skip_ = 0;  // bytes that say nothing
  std::size_t need_ = 4;    // of the token
  std::size_t have_ = 0;
  std::array<char, 8> token_{};
  std::uint8_t field_ = 0;  // the type of the field whose number is read
  std::vector<level> levels_;
};

}  // namespace waitstate::sidecar
