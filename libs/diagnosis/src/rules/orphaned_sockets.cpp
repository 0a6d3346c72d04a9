#include <algorithm>

#include <fmt/format.h>

#include "advice/settings.h"
#include "judgement/orphans.h"
#include "judgement/tcp_memory_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view setting = "net.ipv4.tcp_max_orphans";

std::string title_of(const orphans& seen, bool explains_memory) {
  const auto [orphans, most, said, sockets, reset, opened] = seen;
  if (said == nullptr && !seen.is_near() && explains_memory) {
    return fmt::format(
        "the kernel resets connections: {} sockets have no owner and still data or a "
        "FIN to send, and TCP's memory has room",
        grouped(orphans));
  }
  if (said == nullptr && !seen.is_near() && reset == 0) {
    return fmt::format("{} sockets have no owner and still data or a FIN to send: most of {}",
                       grouped(orphans), grouped(sockets));
  }
  if (said == nullptr && !seen.is_near()) {
    return fmt::format("the kernel reset {} that it had no room for: too many orphaned sockets",
                       counted(reset, "connection"));
  }
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
  const auto seen_orphans = orphans_of(s);
  const auto orphans = seen_orphans.count;
  const auto most = seen_orphans.most;
  const auto* said = seen_orphans.said;
  const bool is_near = seen_orphans.is_near();
  const auto* memory = message_of(s, message_kind::tcp_memory);
  const auto memory_use = tcp_memory_use_of(s);
  const bool memory_is_short = memory_use.is_pressed() || memory != nullptr;
  const bool explains_memory = memory != nullptr && explains(seen_orphans, *memory, memory_use);
  // Live, a counter of all the time since boot says nothing of now.
  const bool by_counter =
      s.source == source_kind::pasted && seen_orphans.are_reset() && !memory_is_short;
  const bool are_most = s.source == source_kind::pasted && seen_orphans.are_most();
  const bool is_told = said != nullptr || is_near || by_counter || explains_memory;
  if (!is_told && !are_most) return {};

  finding f{
      .id = "orphaned-sockets",
      .severity = severity::warning,
      .title = title_of(seen_orphans, explains_memory),
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
  // Where nothing shows the count, none is not what there are.
  if (orphans > 0) {
    f.evidence.push_back(
        {.fact = "orphaned sockets",
         .value = most == 0 ? grouped(orphans)
                            : fmt::format("{} of {}", grouped(orphans), grouped(most)),
         .source = s.source == source_kind::live ? "/proc/net/sockstat" : source_of(s)});
  }
  if (seen_orphans.reset > 0) {
    f.evidence.push_back({.fact = "reset for want of room (TCPAbortOnMemory)",
                          .value = grouped(seen_orphans.reset),
                          .source = "netstat -s"});
  }
  if (said == nullptr && !is_near && explains_memory) {
    f.certainty = likely("memory that was short for a moment and has room again",
                         "`sysctl net.ipv4.tcp_max_orphans`: whether the orphans are near it");
  } else if (!is_told) {
    f.certainty = possible("a burst of closes that is over in a moment",
                           "the same count a minute later, against net.ipv4.tcp_max_orphans");
  } else if (said == nullptr && !is_near) {
    f.certainty = likely("too little memory for TCP, which the kernel counts with them",
                         "`mem` of /proc/net/sockstat against net.ipv4.tcp_mem, and `orphan` "
                         "against net.ipv4.tcp_max_orphans");
  }
  if (said != nullptr) {
    f.evidence.push_back(message_evidence(*said));
    if (!is_near) f.cause += " They come in bursts: the count beside it is of a quiet moment.";
  }
  if (explains_memory) {
    f.evidence.push_back(message_evidence(*memory));
    f.cause +=
        " What the kernel says of memory is this: it resets for either, and memory has room.";
  }
  if (most > 0) {
    constexpr std::uint64_t usual = 16'384;  // What a host of 4 GiB starts with.
    f.remedies.push_back(sysctl_remedy(s, {.key = setting,
                                           .value = std::to_string(std::max(most * 4, usual)),
                                           .text = "Allow more of them where memory allows",
                                           .risk = "up to 64 KiB of memory for each"}));
  }
  return {f};
}

}  // namespace waitstate::diagnosis
