#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/container/static_vector.hpp>

namespace waitstate::sidecar {

/// Where one request of a Redis client ends, in bytes as they come, without copying them: an array
/// of bulk strings, or a line of words ("inline command"). RESP2 and RESP3 have the same requests.
///
/// Stricter than Redis, since what is read in two ways would answer one client with the reply to
/// another: sizes are digits without a sign or a leading zero, lines end with CR LF, and a line of
/// words has no quotes and no control characters. What Redis passes over without a reply (an empty
/// line, an array of nothing) is passed over here.
class resp_request_scanner {
 public:
  /// The arguments that are kept: enough to tell what any command is and does.
  static constexpr std::size_t arguments_kept = 16;
  static constexpr std::size_t arguments_max = std::size_t{1} << 20;
  static constexpr std::size_t inline_max = std::size_t{64} << 10;

  using arguments_type = boost::container::static_vector<std::string_view, arguments_kept>;

  /// `size_max`: of one request in bytes, less than 4 GiB.
  explicit resp_request_scanner(std::size_t size_max) : size_max_(size_max) {}

  enum class state : std::uint8_t {
    incomplete,  ///< More bytes are needed; nothing is wrong yet.
    complete,    ///< size() bytes are a request.
    nothing,     ///< size() bytes that no reply belongs to.
    refused,     ///< See refused(): nobody knows where the next request begins.
  };

  /// Looks at `bytes`, which begin where the request does and are at each call those of the call
  /// before, at the same place or another, and more. Goes on where it stopped.
  state scan(std::string_view bytes);
  /// The next request begins.
  void reset();

  [[nodiscard]] std::size_t size() const { return at_; }
  /// How many bytes there must be before another scan() can say more than `incomplete`.
  [[nodiscard]] std::size_t size_needed() const { return needed_; }
  [[nodiscard]] std::size_t argument_count() const { return found_; }
  /// The first arguments, the name of the command included, as views of `bytes`: those of the scan
  /// that was complete.
  [[nodiscard]] arguments_type arguments(std::string_view bytes) const;
  [[nodiscard]] bool is_inline() const { return is_inline_; }
  /// Why not, a constant of the program: "Protocol error: ...".
  [[nodiscard]] std::string_view refused() const { return refused_; }

 private:
  struct place {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  enum class line : std::uint8_t { incomplete, number, refused };

  state refuse(std::string_view why);
  state scan_inline(std::string_view bytes);
  state scan_bulks(std::string_view bytes);
  /// Reads "<mark>digits CR LF" at at_, and steps over it.
  line take_number(std::string_view bytes, char mark, std::size_t most, std::size_t& into);
  void found(std::size_t at, std::size_t size);

  std::size_t size_max_;
  std::size_t at_ = 0;  // what was scanned
  std::size_t needed_ = 1;
  std::size_t wanted_ = 0;  // arguments; 0: the first line is not read
  std::size_t found_ = 0;
  bool is_inline_ = false;
  std::string_view refused_;
  std::array<place, arguments_kept> places_{};
};

/// The words of an inline command, as a request that is an array of bulk strings: what is sent on.
[[nodiscard]] std::string as_array(std::string_view line);

}  // namespace waitstate::sidecar
