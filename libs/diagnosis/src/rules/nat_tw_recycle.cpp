#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "advice/settings.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// The kernel dropped SYNs because of their timestamps: what the counter is called where.
std::uint64_t dropped_syns(const network_namespace& ns) {
  constexpr std::array<std::string_view, 2> names{"TcpExt.PAWSPassive",
                                                  "TcpExt.PAWSPassiveRejected"};
  for (const auto name : names) {
    if (const auto count = ns.counter(name); count && *count > 0) return *count;
  }
  return 0;
}

/// Fewer, where the setting itself is not shown, may be of a day that is long past.
constexpr std::uint64_t drops_that_matter = 100;

bool still_has_the_setting(const snapshot& s) {
  const auto version = s.host.version();
  return !version || *version < kernel_version{.major = 4, .minor = 12};
}

}  // namespace

findings nat_tw_recycle(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  if (!still_has_the_setting(s)) return found;
  for (std::uint32_t i = 0; i < s.namespaces.size(); ++i) {
    const auto& ns = s.namespaces[i];
    const auto dropped = dropped_syns(ns);
    const auto setting = ns.sysctl("net.ipv4.tcp_tw_recycle");
    // The kernel counts these drops nowhere but behind the setting (tcp_conn_request before 4.12).
    const bool is_told_by_drops = !setting && dropped >= drops_that_matter;
    const bool on =
        (setting.value_or(0) != 0 || is_told_by_drops) && ns.sysctl("net.ipv4.tcp_timestamps") != 0;
    if (!on) continue;
    const auto* timed_out = message_of(s, message_kind::connect_timed_out);
    const bool proven = dropped > 0 || timed_out != nullptr;
    finding f{.id = "nat-tw-recycle",
              .severity = proven ? severity::critical : severity::warning,
              .title = "tcp_tw_recycle is on: clients behind one address are refused at random",
              .subject = namespace_subject(s, i)};
    if (dropped == 0) {
      constexpr const char* other = "no clients share an address, so that none is refused";
      constexpr const char* decides =
          "PAWSPassive of `nstat -az`: SYNs dropped for their timestamps";
      f.certainty = proven ? likely(other, decides) : possible(other, decides);
    } else {
      f.title = fmt::format("tcp_tw_recycle dropped {} of clients that share an address",
                            counted(dropped, "SYN"));
      f.evidence.push_back(
          {"SYNs dropped because of timestamps (PAWSPassive)", grouped(dropped), "netstat -s"});
    }
    if (setting) {
      f.evidence.push_back(setting_evidence("net.ipv4.tcp_tw_recycle",
                                            setting_text(s, i, "net.ipv4.tcp_tw_recycle")));
    } else {
      f.certainty =
          likely("the setting was turned off since: the counter is of the time since boot",
                 "`sysctl net.ipv4.tcp_tw_recycle`");
    }
    if (timed_out != nullptr) f.evidence.push_back(message_evidence(*timed_out));
    if (!s.host.kernel_release.empty()) {
      f.evidence.push_back({"kernel", s.host.kernel_release, "uname"});
    }
    f.cause =
        "With tcp_tw_recycle the kernel takes all connections from one address for one host "
        "and drops a SYN whose timestamp is older than the last one it saw. Clients behind a "
        "NAT or a load balancer have clocks of their own, so some of them cannot connect. "
        "Linux 4.12 removed the setting for this.";
    f.remedies.push_back(sysctl_remedy(
        s, {.net_namespace = i,
            .key = "net.ipv4.tcp_tw_recycle",
            .value = "0",
            .text = "Turn it off, also in /etc/sysctl.conf; outgoing connections have tcp_tw_reuse",
            .risk = {}}));
    found.push_back(std::move(f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
