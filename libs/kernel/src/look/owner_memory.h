#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "look/cookie_owners.h"
#include "waitstate/snapshot/process.h"

namespace waitstate::kernel {

/// Whose a socket was when it was seen before: what one look keeps for the next, in which a
/// connection may have become a TIME-WAIT without an owner. 12 to 15 bytes a socket, and bounded.
class owner_memory {
 public:
  /// The process that owned this socket at the look before, or nullptr. It lives until turn().
  [[nodiscard]] const process* owner_before(std::uint64_t cookie, std::uint64_t net_namespace);

  /// Takes room for so many more sockets of this look.
  void reserve(std::size_t sockets);
  /// The owner at this look; `process` is its index in what turn() is given.
  void note(std::uint64_t cookie, std::uint64_t net_namespace, std::uint32_t process);

  /// The end of a look: what was noted is what was before.
  void turn(std::vector<process> processes);
  /// The end of a look that failed: what was noted is forgotten, what was before stays.
  void drop();
  /// No look follows this one: nothing more is noted.
  void close() { is_closed_ = true; }

 private:
  cookie_owners before_;
  std::vector<process> processes_;
  cookie_owners now_;
  bool is_closed_ = false;
};

}  // namespace waitstate::kernel
