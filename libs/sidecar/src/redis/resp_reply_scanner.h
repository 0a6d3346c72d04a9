#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waitstate::sidecar {

/// Where one reply of a Redis server ends, RESP2 or RESP3, in bytes as they come: nothing is copied
/// or built, so that a reply of any size is sent on while it comes.
///
/// Strict: what no server sends (a type that is not known, a size with a sign, strings or arrays
/// that are streamed) is refused, since nobody knows where the next reply begins.
class resp_reply_scanner {
 public:
  static constexpr std::uint64_t bulk_max = std::uint64_t{512} << 20;
  static constexpr std::uint64_t elements_max = std::uint64_t{1} << 32;  ///< Of one array.
  static constexpr std::size_t line_max = std::size_t{64} << 10;
  static constexpr std::size_t depth_max = 32;

  /// Takes what of `bytes` belongs to the reply, and says how many these are: all, until is_done().
  /// Of the piece in which it refuses, 0.
  std::size_t take(std::string_view bytes);
  /// The next reply begins.
  void reset();

  [[nodiscard]] bool is_done() const { return at_ == place::done; }
  /// Nothing was taken yet.
  [[nodiscard]] bool is_at_begin() const { return at_ == place::type && depth_ == 0; }
  /// Its first byte, '+', '$' ...; 0 while there is none.
  [[nodiscard]] char type() const { return type_; }
  /// Why not, a constant of the program; empty while nothing is wrong.
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  enum class place : std::uint8_t { type, line, number, number_lf, data, data_cr, data_lf, done };

  /// One byte; false when it is refused.
  bool step(char c);
  bool begin_value(char type);
  bool number_digit(char c);
  /// A whole line with a number is read: what follows.
  bool number_ended();
  bool push(std::uint64_t values);
  void value_ended();
  bool refuse(std::string_view why);

  place at_ = place::type;
  char type_ = 0;   // of the whole reply
  char value_ = 0;  // of the value that is being read
  bool is_null_ = false;
  bool is_cr_seen_ = false;
  std::uint64_t left_ = 0;  // bytes of a string, or the number that is being read
  std::size_t line_size_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, depth_max> values_left_{};
  std::string_view refused_;
};

}  // namespace waitstate::sidecar
