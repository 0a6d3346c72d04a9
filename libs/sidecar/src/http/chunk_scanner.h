#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace waitstate::sidecar {

/// Finds the end of a chunked body (RFC 9112 section 7.1) in bytes as they come, without copying
/// them: they are sent on as they are. Strict: a size is 1 to 16 hexadecimal digits and below 2^63,
/// lines end with CR LF, extensions and trailers are bounded (4 KiB and 16 KiB in all) and hold no
/// control character but tabs in the value of a trailer; what is not so is refused, since what
/// follows it may be somebody's hidden request. Trailer lines that say how a message is framed or
/// routed, or are about one connection (Transfer-Encoding, Content-Length, Host, Connection ...:
/// see known_field), are refused, too.
class chunk_scanner {
 public:
  /// Takes what of `bytes` belongs to the body, and says how many these are: all, until is_done().
  /// Takes nothing more once it is done or refused; of the piece in which it refuses, 0.
  /// `data`: the body without its framing is appended to it, for who does not know chunks.
  std::size_t take(std::string_view bytes, std::string* data = nullptr);

  [[nodiscard]] bool is_done() const { return at_ == place::done; }
  /// Why not, a constant of the program; empty while nothing is wrong.
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  enum class place : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    line_start,  ///< Of a trailer line, or of the empty one at the end.
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
  };

  void step(char c);
  void take_size(char c);
  void take_extension(char c);
  void take_size_lf(char c);
  void take_line_start(char c);
  void take_trailer_name(char c);
  void take_trailer_value(char c);
  void expect(char c, char wanted, place next);
  void refuse(std::string_view why) { refused_ = why; }

  place at_ = place::size;
  std::uint8_t digits_ = 0;
  std::uint8_t name_size_ = 0;  ///< Past the end of name_: longer than any that is known.
  std::uint16_t extensions_ = 0;
  std::uint16_t trailers_ = 0;
  std::uint64_t left_ = 0;
  std::array<char, 20> name_{};
  std::string_view refused_;
};

}  // namespace waitstate::sidecar
