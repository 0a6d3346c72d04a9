#include "judgement/time_wait_buckets.h"

#include <algorithm>

#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A table at its limit gives back a slot for each that it takes: a look sees a little less.
constexpr std::uint64_t full_percent = 98;

}  // namespace

bool bucket_use::is_full() const {
  return most > 0 && in_use * 100 >= most * full_percent;
}

bucket_use bucket_use_of(const snapshot& s, std::uint32_t net_namespace) {
  const auto& ns = s.namespaces[net_namespace];
  bucket_use use{
      .in_use = std::max(ns.states.of(tcp::state::time_wait), ns.totals.time_wait.value_or(0)),
      .overflows_per_second = ns.counter_rate("TcpExt.TCPTimeWaitOverflow").value_or(0),
      .overflows = ns.counter("TcpExt.TCPTimeWaitOverflow").value_or(0)};
  constexpr std::uint64_t many = 1'000;
  constexpr std::uint64_t percent = 1;  // Of what ran its minute out: more than one burst.
  const auto finished = ns.counter("TcpExt.TW").value_or(0);
  use.is_much_of_all = s.source == source_kind::pasted && use.overflows >= many &&
                       use.overflows * 100 >= finished * percent;
  if (const auto most = ns.sysctl("net.ipv4.tcp_max_tw_buckets"); most && *most > 0) {
    use.most = static_cast<std::uint64_t>(*most);
  }
  // The kernel's log does not name the namespace: it is taken for the host's own.
  if (net_namespace == 0) use.complaint = message_of(s, message_kind::time_wait_overflow);
  return use;
}

std::optional<severity> severity_of_overflow(const bucket_use& use) {
  if (use.complaint != nullptr || use.is_full()) return severity::warning;
  if (use.overflows == 0) return std::nullopt;
  return use.overflows_per_second > 0 || use.is_much_of_all ? severity::warning : severity::info;
}

}  // namespace waitstate::diagnosis
