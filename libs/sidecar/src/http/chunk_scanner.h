#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waitstate::sidecar {

/// Finds the end of a chunked body (RFC 9112 section 7.1) in bytes as they come, without copying
/// them: they are sent on as they are. Strict: a size is 1 to 16 hexadecimal digits, lines end with
/// CR LF, extensions and trailers are bounded (4 KiB and 16 KiB in all) and hold no control
/// character; what is not so is refused, since what follows it may be somebody's hidden request.
/// Trailer lines that say how a message is framed or routed (Transfer-Encoding, Content-Length,
/// Host, Connection ...) are refused, too.
class chunk_scanner {
 public:
  /// Takes what of `bytes` belongs to the body, and says how many these are: all, until is_done().
  /// Takes nothing more once it is done or refused; of the piece in which it refuses, 0.
  std::size_t take(std::string_view bytes);

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
    trailer_start,
    trailer,
    trailer_lf,
    last_lf,
    done,
  };

  place at_ = place::size;
  std::uint64_t left_ = 0;
  std::string_view refused_;
};

}  // namespace waitstate::sidecar
