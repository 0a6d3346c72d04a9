#pragma once

#include <map>
#include <string>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"

namespace waitstate::sidecar {

/// Listening sockets that whoever started us has opened, by name: systemd's socket activation, as
/// sd_listen_fds_with_names(3) describes it ($LISTEN_PID, $LISTEN_FDS, $LISTEN_FDNAMES). The
/// variables are taken out of the environment, so that no child believes in them.
class inherited_sockets {
 public:
  /// Fails when the variables name what is no listening stream socket.
  static result<inherited_sockets> take();

  /// A duplicate of each of that name; none when there is none.
  [[nodiscard]] result<std::vector<fd>> named(const std::string& name) const;

 private:
  std::multimap<std::string, fd> sockets_;
};

}  // namespace waitstate::sidecar
