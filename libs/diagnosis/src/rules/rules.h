#pragma once

#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// A rule looks at a snapshot for one kind of trouble and says what it found: nothing, one finding,
/// or one for each subject (at most a few; the worst first). Pure. Each is defined in the file of
/// its id; docs/findings.md says what it means.
using findings = std::vector<finding>;
using rule = findings (*)(const snapshot&);

// Ports and TIME-WAIT.
findings ephemeral_port_exhaustion(const snapshot& s);
findings short_connections(const snapshot& s);
findings proxy_without_keepalive(const snapshot& s);
findings probe_churn(const snapshot& s);
findings server_side_time_wait(const snapshot& s);
findings bind_before_connect(const snapshot& s);
findings port_range_too_small(const snapshot& s);
findings listen_port_in_ephemeral_range(const snapshot& s);
findings time_wait_bucket_overflow(const snapshot& s);
findings nat_tw_recycle(const snapshot& s);
findings time_wait_never_expires(const snapshot& s);

// CLOSE-WAIT and descriptors.
findings leaked_connections(const snapshot& s);
findings stale_pooled_connections(const snapshot& s);
findings server_not_closing(const snapshot& s);
findings accept_queue_stuck(const snapshot& s);
findings listen_backlog_too_small(const snapshot& s);
findings application_stalled(const snapshot& s);
findings fd_exhaustion(const snapshot& s);
findings ghost_sockets(const snapshot& s);

// The rest of the close.
findings fin_wait2_stuck(const snapshot& s);
findings orphaned_sockets(const snapshot& s);
findings abortive_close(const snapshot& s);
findings half_open_no_keepalive(const snapshot& s);
findings syn_unanswered(const snapshot& s);
findings conntrack_full(const snapshot& s);
findings misguided_sysctl(const snapshot& s);

}  // namespace waitstate::diagnosis
