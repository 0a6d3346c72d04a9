#include "catalogue.h"

#include <algorithm>
#include <array>

#include "waitstate/diagnosis/diagnose.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::array entries{
    catalogue_entry{"nat-tw-recycle", nat_tw_recycle},
    catalogue_entry{"conntrack-full", conntrack_full},
    catalogue_entry{"tcp-memory", tcp_memory},
    catalogue_entry{"time-wait-never-expires", time_wait_never_expires},
    catalogue_entry{"fd-exhaustion", fd_exhaustion},
    catalogue_entry{"accept-queue-stuck", accept_queue_stuck},
    catalogue_entry{"unacknowledged-data", unacknowledged_data},
    catalogue_entry{"syn-unanswered", syn_unanswered},
    catalogue_entry{"application-stalled", application_stalled, 2},
    catalogue_entry{"bind-before-connect", bind_before_connect},
    catalogue_entry{"proxy-without-keepalive", proxy_without_keepalive, 5},
    catalogue_entry{"fin-wait2-stuck", fin_wait2_stuck},
    catalogue_entry{"ephemeral-port-exhaustion", ephemeral_port_exhaustion, 5},
    catalogue_entry{"listen-port-in-ephemeral-range", listen_port_in_ephemeral_range},
    catalogue_entry{"listen-port-in-use", listen_port_in_use},
    catalogue_entry{"address-not-available", address_not_available},
    catalogue_entry{"leaked-connections", leaked_connections},
    catalogue_entry{"server-not-closing", server_not_closing},
    catalogue_entry{"pool-exhausted", pool_exhausted},
    catalogue_entry{"orphaned-sockets", orphaned_sockets},
    catalogue_entry{"time-wait-bucket-overflow", time_wait_bucket_overflow},
    catalogue_entry{"short-connections", short_connections, 5},
    catalogue_entry{"port-range-too-small", port_range_too_small},
    catalogue_entry{"listen-backlog-too-small", listen_backlog_too_small},
    catalogue_entry{"syn-flood", syn_flood, 2},
    catalogue_entry{"ghost-sockets", ghost_sockets},
    catalogue_entry{"half-open-no-keepalive", half_open_no_keepalive},
    catalogue_entry{"abortive-close", abortive_close},
    catalogue_entry{"stale-pooled-connections", stale_pooled_connections},
    catalogue_entry{"probe-churn", probe_churn},
    catalogue_entry{"server-side-time-wait", server_side_time_wait},
    catalogue_entry{"misguided-sysctl", misguided_sysctl},
};

}  // namespace

std::span<const catalogue_entry> catalogue() {
  return entries;
}

std::size_t rank_of(std::string_view id) {
  return static_cast<std::size_t>(std::ranges::find(entries, id, &catalogue_entry::id) -
                                  entries.begin());
}

std::vector<std::string_view> finding_ids() {
  std::vector<std::string_view> ids;
  ids.reserve(entries.size());
  for (const auto& entry : entries) ids.push_back(entry.id);
  return ids;
}

}  // namespace waitstate::diagnosis
