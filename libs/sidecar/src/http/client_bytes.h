#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "front/service.h"
#include "http/http_head.h"

namespace waitstate::sidecar {

/// What came from a client and was not used yet: the rest of a request, and the beginning of the
/// next. Holds little for a client that is idle, and as much as the longest head while it has to.
class client_bytes {
 public:
  explicit client_bytes(client_connection& of) : of_(&of) {}

  /// Valid until the next read_more() or use().
  [[nodiscard]] std::string_view unread() const { return {data() + begin_, end_ - begin_}; }
  void use(std::size_t bytes);

  enum class read_outcome : std::uint8_t { some, end, full };
  /// Waits for more behind what there is. `full`: no room is left for a single byte, as a head that
  /// long is refused. An error counts as the end, since nothing can be answered either.
  asio::awaitable<read_outcome> read_more();

  /// Gives back what a long request needed, once nothing is unread.
  void shrink();

 private:
  [[nodiscard]] const char* data() const { return large_ ? large_->data() : small_.data(); }
  [[nodiscard]] char* data() { return large_ ? large_->data() : small_.data(); }
  [[nodiscard]] std::size_t capacity() const { return large_ ? large_->size() : small_.size(); }
  void make_room();

  static constexpr std::size_t small_size = 1'536;
  using large = std::array<char, head_size_max + 1>;

  client_connection* of_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, small_size> small_;  // not initialised
  std::unique_ptr<large> large_;
};

}  // namespace waitstate::sidecar
