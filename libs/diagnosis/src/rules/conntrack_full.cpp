#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "advice/settings.h"
#include "judgement/most_first.h"
#include "judgement/near_limit.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// What had to go, or got no entry, for want of room since boot. A packet whose entry another one
/// was quicker with is among those that are dropped, and says nothing of room.
std::uint64_t without_room(const snapshot& s) {
  std::uint64_t most = 0;
  for (const auto& ns : s.namespaces) {
    const auto of = [&](std::string_view name) { return ns.counter(name).value_or(0); };
    const auto dropped = of("Conntrack.drop");
    const auto no_entry = dropped - std::min(dropped, of("Conntrack.insert_failed"));
    most = std::max(most, of("Conntrack.early_drop") + no_entry);
  }
  return most;
}

std::optional<severity> severity_of(const snapshot& s) {
  if (message_of(s, message_kind::conntrack_full) != nullptr) return severity::critical;
  const auto now =
      severity_near_limit(s.host.conntrack_count.value_or(0), s.host.conntrack_max.value_or(0));
  if (now || without_room(s) == 0) return now;
  // Since boot; where the table is seen to have room, it is over.
  return s.host.conntrack_count && s.host.conntrack_max ? severity::info : severity::warning;
}

std::string title_of(const snapshot& s, bool drops) {
  const auto most = s.host.conntrack_max.value_or(0);
  if (drops) {
    return fmt::format("the connection tracking table is full{}: the kernel drops packets",
                       most == 0 ? "" : fmt::format(" at {} entries", grouped(most)));
  }
  const auto count = s.host.conntrack_count.value_or(0);
  if (!severity_near_limit(count, most)) {
    return fmt::format(
        "the connection tracking table was full: {} had to go or got no entry since "
        "boot",
        counted(without_room(s), "connection"));
  }
  return fmt::format("the connection tracking table has {} of {} entries ({})", grouped(count),
                     grouped(most), share(count, most));
}

/// Each namespace has a table of its own; the host's numbers are those of the fullest.
subject subject_of(const snapshot& s) {
  constexpr auto count = "net.netfilter.nf_conntrack_count";
  for (std::uint32_t i = 0; i < s.namespaces.size() && s.host.conntrack_count; ++i) {
    const auto entries = s.namespaces[i].sysctl(count).value_or(-1);
    if (entries >= 0 && static_cast<std::uint64_t>(entries) == *s.host.conntrack_count) {
      return namespace_subject(s, i);
    }
  }
  return host_subject(s);
}

/// What fills it, where its rows were shown.
void add_tracked(const snapshot& s, std::vector<evidence>& proof) {
  constexpr std::size_t shown = 3;
  std::map<std::string, std::uint64_t> by_state;
  std::uint64_t all = 0;
  for (const auto& t : s.tracked) {
    by_state[t.state] += t.count;
    all += t.count;
  }
  std::vector<std::pair<std::string, std::uint64_t>> states(by_state.begin(), by_state.end());
  sort_most_first(states, [](const auto& one) { return one.second; });
  for (std::size_t i = 0; i < std::min(shown, states.size()); ++i) {
    proof.push_back({.fact = "tracked in " + states[i].first,
                     .value = fmt::format("{} of {}", grouped(states[i].second), grouped(all)),
                     .source = source_of(s)});
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(1, s.tracked.size()); ++i) {
    const auto& most = s.tracked[i];
    proof.push_back({.fact = fmt::format("most to {}", s.text_of(most.destination)),
                     .value = fmt::format("{} in {}", grouped(most.count), most.state),
                     .source = source_of(s)});
  }
}

std::vector<evidence> proof_of(const snapshot& s) {
  std::vector<evidence> proof;
  if (s.host.conntrack_count && s.host.conntrack_max) {
    proof.push_back({.fact = "conntrack entries",
                     .value = fmt::format("{} of {}", grouped(*s.host.conntrack_count),
                                          grouped(*s.host.conntrack_max)),
                     .source = "net.netfilter.nf_conntrack_count"});
  }
  if (const auto dropped = without_room(s); dropped > 0) {
    proof.push_back({.fact = "early_drop, and drop without insert_failed",
                     .value = grouped(dropped) + " since boot",
                     .source = "conntrack -S"});
  }
  if (const auto* said = message_of(s, message_kind::conntrack_full)) {
    proof.push_back(message_evidence(*said));
  }
  for (const auto key : {"net.netfilter.nf_conntrack_tcp_timeout_close_wait",
                         "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
                         "net.netfilter.nf_conntrack_tcp_timeout_established"}) {
    const auto value = setting_text(s, 0, key);
    if (value != "unknown") proof.push_back(setting_evidence(key, value));
  }
  add_tracked(s, proof);
  return proof;
}

std::vector<remedy> remedies_for(const snapshot& s) {
  // What the kernel gives a host of over 4 GiB by itself, or twice what is there.
  constexpr std::uint64_t usual = 262'144;
  const auto wanted = std::max(s.host.conntrack_max.value_or(0) * 2, usual);
  std::vector<remedy> remedies{
      {.text = "See what fills it, by state and by peer",
       .command =
           "conntrack -L -p tcp 2>/dev/null | awk '{print $4}' | sort | uniq -c | sort -rn\n"
           "conntrack -L 2>/dev/null | grep -o ' dst=[^ ]*' | sort | uniq -c | sort -rn | head\n"},
      sysctl_remedy(s, {.key = "net.netfilter.nf_conntrack_max",
                        .value = std::to_string(wanted),
                        .text = "Enlarge the table, with its hash table a quarter of it "
                                "(nf_conntrack_buckets)",
                        .risk = "about 320 bytes of kernel memory an entry"})};
  // Where they are the kernel's own, nothing raised them.
  constexpr std::string_view of_close_wait = "net.netfilter.nf_conntrack_tcp_timeout_close_wait";
  if (setting_text(s, 0, of_close_wait) != "60") {
    remedies.push_back(sysctl_remedy(
        s, {.key = of_close_wait,
            .value = "60",
            .text = "Bring its own time-outs back to the kernel's defaults where something raised "
                    "them: 60 s for CLOSE-WAIT, 120 s for TIME-WAIT",
            .risk = {}}));
  }
  remedies.push_back(
      {.text = "Do not track what needs no tracking: loopback and local balancing",
       .command = "nft add table inet untracked\n"
                  "nft add chain inet untracked out '{ type filter hook output priority raw; }'\n"
                  "nft add rule inet untracked out oif lo notrack\n",
       .risk = "rules that match on connection state no longer see these packets",
       .undo = "nft delete table inet untracked"});
  return remedies;
}

}  // namespace

findings conntrack_full(const picture& seen) {
  const auto& s = seen.s;
  const auto level = severity_of(s);
  if (!level) return {};
  const bool drops = message_of(s, message_kind::conntrack_full) != nullptr;
  return {{.id = "conntrack-full",
           .severity = *level,
           .title = title_of(s, drops),
           .subject = subject_of(s),
           .evidence = proof_of(s),
           .cause = "Every connection through a firewall or NAT of this host has an entry, and the "
                    "table keeps it by timers of its own, longer than the sockets live: TIME-WAIT "
                    "120 s, CLOSE-WAIT 60 s, ESTABLISHED 5 days. So it may be full of connections "
                    "that ss no longer shows. A full table drops the first packet of each new one.",
           .forecast = drops ? "new connections fail at random, whoever they are for" : "",
           .remedies = remedies_for(s)}};
}

}  // namespace waitstate::diagnosis
