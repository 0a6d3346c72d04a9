#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "advice/ports.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

struct bucket_use {
  std::uint64_t in_use = 0;
  std::uint64_t most = 0;  ///< tcp_max_tw_buckets; 0 when not seen.
  double overflows_per_second = 0;
  std::uint64_t overflows = 0;  ///< Since boot.

  [[nodiscard]] bool is_full() const { return most > 0 && in_use * 100 >= most * 98; }
};

bucket_use use_of(const network_namespace& ns) {
  bucket_use use{
      .in_use = std::max(ns.states.of(tcp::state::time_wait), ns.totals.time_wait.value_or(0))};
  if (const auto most = ns.sysctl("net.ipv4.tcp_max_tw_buckets"); most && *most > 0) {
    use.most = static_cast<std::uint64_t>(*most);
  }
  use.overflows = ns.counter("TcpExt.TCPTimeWaitOverflow").value_or(0);
  use.overflows_per_second = ns.counter_rate("TcpExt.TCPTimeWaitOverflow").value_or(0);
  return use;
}

std::string title_of(const bucket_use& use, const message* said) {
  if (said != nullptr) {
    return fmt::format(
        "the TIME-WAIT table overflowed: the kernel said so {}{}", counted(said->count, "time"),
        use.most == 0 ? std::string() : fmt::format(", its limit is {}", grouped(use.most)));
  }
  if (use.overflows_per_second > 0) {
    return fmt::format("{} closes a second skip TIME-WAIT: the table of {} is full",
                       rate(use.overflows_per_second),
                       use.most == 0 ? "tcp_max_tw_buckets" : grouped(use.most));
  }
  if (use.is_full()) {
    return fmt::format("the TIME-WAIT table is full: {} of {}", grouped(use.in_use),
                       grouped(use.most));
  }
  return fmt::format("{} skipped TIME-WAIT since boot because the table was full",
                     counted(use.overflows, "close"));
}

finding make(const snapshot& s, std::uint32_t ns, const bucket_use& use, const message* said) {
  const bool now = said != nullptr || use.overflows_per_second > 0 || use.is_full();
  finding f{.id = "time-wait-bucket-overflow",
            .severity = now ? severity::warning : severity::info,
            .title = title_of(use, said),
            .subject = namespace_subject(s, ns)};
  if (said != nullptr) f.evidence.push_back(message_evidence(*said));
  if (use.in_use > 0) {
    f.evidence.push_back({"sockets in TIME-WAIT", grouped(use.in_use), source_of(s)});
  }
  if (use.most > 0) {
    f.evidence.push_back(setting_evidence("net.ipv4.tcp_max_tw_buckets", grouped(use.most)));
  }
  if (use.overflows > 0) {
    f.evidence.push_back({"TCPTimeWaitOverflow since boot", grouped(use.overflows), "nstat"});
  }
  f.cause =
      "A connection that closes while the table is full goes straight to CLOSED: nothing "
      "guards its 4-tuple against late segments of the old connection, and no error tells. "
      "Something on this host closes first at a rate that its limit does not hold for 60 s.";
  if (use.most > 0) {
    f.cause += fmt::format(" {} slots last for {} closes a second.", grouped(use.most),
                           rate(static_cast<double>(use.most) / 60));
  }
  const auto wanted = time_wait_buckets_wanted(s.namespaces[ns]);
  f.remedies.push_back(sysctl_remedy(
      s,
      {.net_namespace = ns,
       .key = "net.ipv4.tcp_max_tw_buckets",
       .value = fmt::format("{}", wanted),
       .text = fmt::format("Raise the limit ({} at the most); never lower it", bytes(wanted * 256)),
       .risk = "memory: 256 bytes each"}));
  f.remedies.push_back({.text = "Find who closes so often, and keep those connections",
                        .command = "waitstate diagnose --interval 5s\n",
                        .risk = {},
                        .undo = {}});
  return f;
}

}  // namespace

findings time_wait_bucket_overflow(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  const auto* said = message_of(s, message_kind::time_wait_overflow);
  for (std::uint32_t ns = 0; ns < s.namespaces.size(); ++ns) {
    const auto use = use_of(s.namespaces[ns]);
    const bool mine = ns == 0 && said != nullptr;
    if (!mine && !use.is_full() && use.overflows == 0) continue;
    found.push_back(make(s, ns, use, mine ? said : nullptr));
  }
  std::ranges::sort(found, std::greater{}, &finding::severity);
  if (found.size() > 3) found.resize(3);
  return found;
}

}  // namespace waitstate::diagnosis
