#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "advice/ports.h"
#include "advice/settings.h"
#include "judgement/time_wait_buckets.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::string title_of(const bucket_use& use) {
  const auto* said = use.complaint;
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

finding make(const snapshot& s, std::uint32_t ns, const bucket_use& use, severity how_bad) {
  finding f{.id = "time-wait-bucket-overflow",
            .severity = how_bad,
            .title = title_of(use),
            .subject = namespace_subject(s, ns)};
  if (use.complaint != nullptr) f.evidence.push_back(message_evidence(*use.complaint));
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
  for (std::uint32_t ns = 0; ns < s.namespaces.size(); ++ns) {
    const auto use = bucket_use_of(s, ns);
    if (const auto how_bad = severity_of_overflow(use)) found.push_back(make(s, ns, use, *how_bad));
  }
  std::ranges::sort(found, std::greater{}, &finding::severity);
  if (found.size() > findings_max) found.resize(findings_max);
  return found;
}

}  // namespace waitstate::diagnosis
