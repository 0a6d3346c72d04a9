#include <algorithm>

#include <fmt/format.h>

#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view setting = "net.ipv4.tcp_max_orphans";

/// One number for the host; a paste may have it with the namespace's settings.
std::uint64_t orphans_max(const snapshot& s) {
  std::int64_t most = s.host.sysctl(setting).value_or(0);
  for (const auto& ns : s.namespaces) most = std::max(most, ns.sysctl(setting).value_or(0));
  return most > 0 ? static_cast<std::uint64_t>(most) : 0;
}

std::uint64_t orphans_of(const snapshot& s) {
  std::uint64_t orphans = 0;
  for (const auto& ns : s.namespaces) orphans = std::max(orphans, ns.totals.orphan.value_or(0));
  return orphans;
}

std::string title_of(std::uint64_t orphans, std::uint64_t most, const message* said) {
  const auto limit = most == 0 ? std::string() : fmt::format(" of {}", grouped(most));
  if (said != nullptr) {
    return fmt::format("the kernel resets connections: too many orphaned sockets{}{}",
                       most == 0 ? "" : " for tcp_max_orphans ",
                       most == 0 ? std::string() : grouped(most));
  }
  return fmt::format("{}{} (tcp_max_orphans) sockets have no owner and still data or a FIN to send",
                     grouped(orphans), limit);
}

}  // namespace

findings orphaned_sockets(const picture& seen) {
  const auto& s = seen.s;
  const auto orphans = orphans_of(s);
  const auto most = orphans_max(s);
  const auto* said = message_of(s, message_kind::too_many_orphans);
  const bool is_near = most > 0 && orphans * 10 >= most * 8;
  if (said == nullptr && !is_near) return {};

  finding f{
      .id = "orphaned-sockets",
      .severity = severity::warning,
      .title = title_of(orphans, most, said),
      .subject = host_subject(s),
      .cause =
          "Programs closed these sockets before the peer had taken all data and the FIN; "
          "the kernel keeps them and sends again, for minutes when the peer is dead. "
          "Past tcp_max_orphans it resets new ones: what they had to send is lost.",
      .forecast = "each takes up to 64 KiB of memory that cannot be swapped",
      .remedies = {{.text = "Find the peers: sockets that are closing with a full send queue",
                    .command = "ss -tno state fin-wait-1 state last-ack state closing\n"},
                   {.text = "Give up on dead peers sooner: a user time-out on the sockets, in "
                            "the program",
                    .command = "int ms = 30000;\n"
                               "setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, "
                               "sizeof ms);\n",
                    .risk = "slow networks lose connections that would have recovered"},
                   sysctl_remedy(s, {.key = "net.ipv4.tcp_orphan_retries",
                                     .value = "3",
                                     .text = "Let the kernel try orphans fewer times",
                                     .risk = "slow clients may miss the end of an answer"})}};
  f.evidence.push_back(
      {.fact = "orphaned sockets",
       .value =
           most == 0 ? grouped(orphans) : fmt::format("{} of {}", grouped(orphans), grouped(most)),
       .source = s.source == source_kind::live ? "/proc/net/sockstat" : source_of(s)});
  if (said != nullptr) {
    f.evidence.push_back(message_evidence(*said));
    if (!is_near) f.cause += " They come in bursts: the count beside it is of a quiet moment.";
  }
  if (most > 0) {
    f.remedies.push_back(
        sysctl_remedy(s, {.key = setting,
                          .value = std::to_string(std::max<std::uint64_t>(most * 4, 16'384)),
                          .text = "Allow more of them where memory allows",
                          .risk = "up to 64 KiB of memory for each"}));
  }
  return {f};
}

}  // namespace waitstate::diagnosis
