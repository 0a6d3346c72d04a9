#pragma once

#include <memory>
#include <string>

#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// What to look at.
struct look_options {
  std::string net_namespace;  ///< As in list_options.
  bool owners = true;         ///< As in list_options.
  kernel_source source = kernel_source::automatic;
  /// Follow connections in the kernel (BPF, as tracer does) from the first look on, where that may
  /// be: later looks know who opened and closed what ended meanwhile. With `netlink` nothing is
  /// followed, with `bpf` a look fails where it cannot be. Needs `owners`.
  bool follows = false;
  progress_sink progress;
};

/// Looks at this host's TCP sockets again and again. It remembers the look before, so that every
/// snapshot from the second on has what only two looks tell: rates, growth, and the exact owners of
/// TIME-WAIT sockets that were seen alive.
///
/// Never waits: when to look is the caller's business. What it keeps between two looks is bounded:
/// counts, and 12 to 15 bytes a socket. Not for use by several threads at once.
class observer {
 public:
  explicit observer(look_options options);
  ~observer();
  observer(observer&&) noexcept;
  observer& operator=(observer&&) noexcept;

  /// One picture of all TCP sockets, from netlink sock_diag, /proc and BPF. Needs no privilege;
  /// what may not be seen without is counted in the snapshot's limits. Fails only when no socket
  /// can be read at all or when a namespace that was named cannot be entered; the next look is then
  /// compared with the last that went well.
  [[nodiscard]] result<snapshot> look();

  /// The same where no other look follows: notes nothing for one.
  [[nodiscard]] result<snapshot> last_look() &&;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::kernel
