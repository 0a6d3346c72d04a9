#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate {

snapshot_summary summary_of(const snapshot& s) {
  snapshot_summary made{.source = s.source,
                        .source_detail = s.source_detail,
                        .taken_at = s.taken_at,
                        .interval = s.interval,
                        .host = s.host,
                        .namespaces = s.namespaces.size(),
                        .states = s.states()};
  made.host.sysctls.clear();
  return made;
}

}  // namespace waitstate
