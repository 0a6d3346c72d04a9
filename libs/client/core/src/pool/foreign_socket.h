#pragma once

#include <cstdint>
#include <optional>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/foreign_pool.h"

namespace waitstate::client {

/// The socket of a handle of another library, which owns it: asked, and never read.
class foreign_socket {
 public:
  /// As the handle remembers it. Where that has another one meanwhile, or none, nothing is known.
  explicit foreign_socket(const foreign_handle& of)
      : descriptor_(of.descriptor_), cookie_(of.cookie_) {}

  /// Has the peer sent its end, or a reset? Also where there is something to be read before that.
  [[nodiscard]] bool has_peer_closed() const;
  /// How long ago the last byte of data was sent or received; nothing where it is no TCP socket.
  [[nodiscard]] std::optional<duration> last_byte_ago() const;
  /// Ends both directions, so that whoever uses it fails; the descriptor stays its owner's.
  void shut_down() const;

 private:
  [[nodiscard]] bool is_still_there() const;

  const int descriptor_;
  const std::uint64_t cookie_;
};

}  // namespace waitstate::client
