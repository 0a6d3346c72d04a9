#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/runtime.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Who connects too often, and to what.
struct reuse_target {
  waitstate::runtime runtime = runtime::unknown;
  std::uint16_t port = 0;   ///< Of the service; 0 when not known.
  std::string destination;  ///< "10.0.0.7:80" for the text to paste; may be empty.
};

/// How the client keeps its connections and uses them again: the text to paste for its runtime and
/// for the service it talks to; for every runtime in a few words where it is not known. At most
/// three, best first.
[[nodiscard]] std::vector<remedy> keep_connections(const reuse_target& target);

/// For programs that cannot keep connections themselves: what does it beside them on this host.
[[nodiscard]] remedy keep_beside();
/// Whether that runs on the host, as far as is known: on Linux.
[[nodiscard]] bool may_run_here(const snapshot& s);

/// How a reverse proxy keeps its connections to upstream. For what is no proxy we know: nginx's and
/// HAProxy's way.
[[nodiscard]] std::vector<remedy> keep_upstream_connections(const reuse_target& target);

}  // namespace waitstate::diagnosis
