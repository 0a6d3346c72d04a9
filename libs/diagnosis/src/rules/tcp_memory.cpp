#include <optional>

#include <fmt/format.h>

#include "advice/settings.h"
#include "judgement/orphans.h"
#include "judgement/tcp_memory_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::vector<remedy> remedies_for(const snapshot& s, std::optional<std::uint64_t> most) {
  // Twice the limit; without one, what a host of 16 GiB has by default, doubled.
  constexpr std::uint64_t default_of_16_gib = 384'000;
  const auto wanted = most.value_or(default_of_16_gib) * 2;
  return {{.text = "See whose sockets hold the memory: skmem's r and w are bytes of each queue",
           .command = "ss -tanmp | grep -B1 'skmem:(r[1-9][0-9]\\{4,\\}\\|,t[1-9][0-9]\\{4,\\}'\n"
                      "cat /proc/net/sockstat    # mem is in pages of 4 KiB, orphan has no owner\n",
           .risk = {},
           .undo = {}},
          {.text = "Let programs read what arrives and close what the peer has left: unread and "
                   "unsent bytes of idle connections are what fills it",
           .command = {},
           .risk = {},
           .undo = {}},
          sysctl_remedy(s, {.key = tcp_memory_setting,
                            .value = fmt::format("{} {} {}", wanted / 2, wanted * 3 / 4, wanted),
                            .text = "Give TCP more memory once it is clear that the load needs it",
                            .risk = "it is taken from all else on the host"})};
}

}  // namespace

findings tcp_memory(const picture& seen) {
  const auto& s = seen.s;
  const auto* said = message_of(s, message_kind::tcp_memory);
  const auto use = tcp_memory_use_of(s);
  const auto& limits = use.thresholds;
  const auto used = use.used;
  if (said == nullptr && !use.is_pressed()) return {};
  if (said != nullptr && explains(orphans_of(s), *said, use)) return {};
  // It was said, and now there is room: the burst is over.
  const bool is_over = said != nullptr && use.has_room();

  constexpr std::uint64_t page = 4096;
  finding f{.id = "tcp-memory",
            .severity = (said != nullptr && !is_over) || use.is_full() ? severity::critical
                                                                       : severity::warning,
            .subject = host_subject(s)};
  if (said != nullptr) {
    f.title = is_over ? "TCP had used up its memory: the kernel dropped data and closed "
                        "connections; now there is room"
                      : "TCP has used up its memory: the kernel drops data and closes connections";
    f.evidence.push_back(message_evidence(*said));
  } else if (limits) {
    f.title = fmt::format("TCP holds {} of the {} that it may use", bytes(used * page),
                          bytes((*limits)[2] * page));
  }
  if (used > 0 && limits) {
    f.evidence.push_back({.fact = "pages in socket buffers",
                          .value = fmt::format("{} of {}", grouped(used), grouped((*limits)[2])),
                          .source = "sockstat"});
  }
  if (limits)
    f.evidence.push_back(
        setting_evidence(tcp_memory_setting, setting_text(s, 0, tcp_memory_setting)));
  f.cause =
      "The buffers of all TCP sockets together may hold what net.ipv4.tcp_mem says, in pages of "
      "4 KiB. From its second number on the kernel shrinks buffers; past the third it drops "
      "segments, and closes sockets that nobody owns with a reset. Many connections with data that "
      "nobody reads or that no peer acknowledges fill it.";
  f.forecast = "transfers of every program slow down or break, whoever fills the memory";
  f.remedies =
      remedies_for(s, limits ? std::optional((*limits)[2]) : std::optional<std::uint64_t>());
  return {f};
}

}  // namespace waitstate::diagnosis
