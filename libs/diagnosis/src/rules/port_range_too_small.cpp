#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "advice/ports.h"
#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// A third of Linux' default of 28,232, and under every system's: somebody chose it.
constexpr std::uint64_t small = 10'000;
/// A quarter of it in use: from there on the range decides.
constexpr std::uint64_t part_in_use = 4;

}  // namespace

findings port_range_too_small(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (std::uint32_t ns = 0; ns < s.namespaces.size(); ++ns) {
    const auto& supply = seen.ports.supply(ns);
    const bool mostly_reserved = supply.reserved * 2 > supply.size;
    if (supply.range_assumed || (supply.size >= small && !mostly_reserved)) continue;
    std::uint64_t used = 0;
    const message* failure = nullptr;
    const destination_use* fullest = nullptr;
    for (const auto& use : seen.uses) {
      if (use.headroom.net_namespace != ns) continue;
      if (use.failure != nullptr) failure = use.failure;
      if (use.headroom.flows > 0 && use.headroom.used() >= used) fullest = &use;
      used = std::max(used, use.headroom.flows > 0 ? use.headroom.used() : 0);
    }
    const auto left = supply.size - std::min(supply.size, supply.reserved);
    // TIME-WAIT that was counted, and on neither side placed, fills so small a range whole.
    const bool is_filled = s.source == source_kind::pasted && ns == 0 &&
                           seen.unplaced_time_wait * 10 >= left * 9 && used * part_in_use < left;
    if (failure == nullptr && used * part_in_use < left && !is_filled) continue;

    // Where the sockets are seen, what fills the ports comes before how many there are.
    const bool only_known_cause = failure != nullptr && used * part_in_use < left;
    finding f{
        .id = "port-range-too-small",
        .severity = only_known_cause ? severity::critical : severity::warning,
        .certainty = only_known_cause ? likely("something takes more ports than any range has",
                                               "the connections to one destination, by state")
                     : is_filled ? likely("a server's, which hold no port, and as many by chance",
                                          "the peers' ports in their rows: nearly all the same for "
                                          "one destination")
                                 : certainty{},
        .title = fmt::format("only {} to connect from: {}-{}{}", counted(left, "port"),
                             supply.range.low, supply.range.high,
                             supply.reserved == 0
                                 ? std::string()
                                 : fmt::format(" less {} reserved", grouped(supply.reserved))),
        .subject = namespace_subject(s, ns)};
    f.evidence.push_back(
        setting_evidence("net.ipv4.ip_local_port_range",
                         fmt::format("{} {}: {}", supply.range.low, supply.range.high,
                                     counted(supply.size, "port"))));
    if (supply.reserved > 0) {
      f.evidence.push_back(setting_evidence("net.ipv4.ip_local_reserved_ports",
                                            counted(supply.reserved, "port") + " of the range"));
    }
    if (fullest != nullptr) {
      f.evidence.push_back({"in use to " + destination_text(s, fullest->headroom.destination),
                            fmt::format("{} ({})", grouped(used), share(used, left)),
                            source_of(s)});
    }
    if (is_filled) {
      f.evidence.push_back(
          {"sockets in TIME-WAIT", grouped(seen.unplaced_time_wait), source_of(s)});
    }
    if (failure != nullptr) f.evidence.push_back(message_evidence(*failure));
    f.cause = fmt::format(
        "Every destination has this range once, and a port stays taken for 60 s after this side "
        "closed first: {} last for {} closes a second. The default range has 28,232.",
        counted(left, "port"), rate(static_cast<double>(left) / 60));
    f.remedies = widen_range(seen, ns);
    found.push_back(std::move(f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
