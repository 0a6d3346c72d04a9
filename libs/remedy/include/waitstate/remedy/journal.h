#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/base/fd.h"

namespace waitstate::remedy {

/// systemd's journal, where there is one: each entry is a datagram in its native protocol
/// (systemd.io/JOURNAL_NATIVE_PROTOCOL). That is all we need of libsystemd, which would bring half
/// a dozen libraries into a program that runs with rights.
class journal {
 public:
  static constexpr std::string_view usual_socket = "/run/systemd/journal/socket";

  /// A field: {"MESSAGE", "..."}; names are of A-Z, 0-9 and _.
  using fields = std::vector<std::pair<std::string, std::string>>;

  /// Nothing is sent where nobody has that socket.
  explicit journal(std::string socket = std::string(usual_socket));

  /// False where there is no journal or it did not take it. Waits half a second at most for one
  /// that is busy; after that it is left alone for half a minute.
  bool send(const fields& entry);

  /// The datagram. Values may be any bytes.
  [[nodiscard]] static std::string datagram(const fields& entry);

 private:
  std::string path_;
  fd socket_;
  std::chrono::steady_clock::time_point not_before_;  ///< It hung.
};

}  // namespace waitstate::remedy
