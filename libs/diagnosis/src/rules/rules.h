#pragma once

#include <cstddef>
#include <vector>

#include "picture.h"
#include "waitstate/diagnosis/report.h"

namespace waitstate::diagnosis {

/// A rule looks at a picture for one kind of trouble and says what it found: nothing, one finding,
/// or one for each subject (the worst first). Pure. Each is defined in the file of
/// its id and listed in catalogue.cpp; docs/findings.md says what it means. No rule asks another.
using findings = std::vector<finding>;
using rule = findings (*)(const picture&);

/// No rule finds more than so many, the worst first. How many of these a report has is in the
/// catalogue; what is beyond is counted there.
inline constexpr std::size_t findings_max = 64;

// Ports and TIME-WAIT.
findings ephemeral_port_exhaustion(const picture& seen);
findings short_connections(const picture& seen);
findings proxy_without_keepalive(const picture& seen);
findings probe_churn(const picture& seen);
findings server_side_time_wait(const picture& seen);
findings bind_before_connect(const picture& seen);
findings port_range_too_small(const picture& seen);
findings listen_port_in_use(const picture& seen);
findings address_not_available(const picture& seen);
findings listen_port_in_ephemeral_range(const picture& seen);
findings time_wait_bucket_overflow(const picture& seen);
findings nat_tw_recycle(const picture& seen);
findings time_wait_never_expires(const picture& seen);

// CLOSE-WAIT and descriptors.
findings leaked_connections(const picture& seen);
findings stale_pooled_connections(const picture& seen);
findings server_not_closing(const picture& seen);
findings accept_queue_stuck(const picture& seen);
findings listen_backlog_too_small(const picture& seen);
findings application_stalled(const picture& seen);
findings fd_exhaustion(const picture& seen);
findings ghost_sockets(const picture& seen);
findings pool_exhausted(const picture& seen);

// The rest of the close.
findings fin_wait2_stuck(const picture& seen);
findings orphaned_sockets(const picture& seen);
findings abortive_close(const picture& seen);
findings half_open_no_keepalive(const picture& seen);
findings syn_unanswered(const picture& seen);
findings syn_flood(const picture& seen);
findings unacknowledged_data(const picture& seen);
findings tcp_memory(const picture& seen);
findings conntrack_full(const picture& seen);
findings misguided_sysctl(const picture& seen);

}  // namespace waitstate::diagnosis
