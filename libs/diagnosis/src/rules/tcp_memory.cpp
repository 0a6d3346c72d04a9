#include <array>
#include <optional>

#include <fmt/format.h>

#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view key = "net.ipv4.tcp_mem";

/// The three thresholds of tcp_mem, in pages: below the first there is no care; from the second on
/// the kernel is under pressure and keeps buffers small; past the third it drops.
std::optional<std::array<std::uint64_t, 3>> thresholds_of(const snapshot& s) {
  const auto text = setting_text(s, 0, key);
  std::array<std::uint64_t, 3> pages{};
  std::size_t at = 0;
  for (auto& page : pages) {
    at = text.find_first_of("0123456789", at);
    if (at == std::string::npos) return std::nullopt;
    // More digits than a count of pages has are no count of pages.
    constexpr std::size_t digits_max = 15;
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    if (end - at > digits_max) return std::nullopt;
    for (; at < end; ++at) page = page * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  return pages;
}

std::uint64_t pages_in_use(const snapshot& s) {
  // The count is of the whole host, whichever namespace shows it.
  std::uint64_t most = 0;
  for (const auto& ns : s.namespaces) most = std::max(most, ns.totals.memory_pages.value_or(0));
  return most;
}

std::vector<remedy> remedies_for(const snapshot& s, std::optional<std::uint64_t> most) {
  // Twice the limit; without one, what a host of 16 GiB has by default, doubled.
  const auto wanted = most.value_or(384'000) * 2;
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
          sysctl_remedy(s, {.key = key,
                            .value = fmt::format("{} {} {}", wanted / 2, wanted * 3 / 4, wanted),
                            .text = "Give TCP more memory once it is clear that the load needs it",
                            .risk = "it is taken from all else on the host"})};
}

}  // namespace

findings tcp_memory(const picture& seen) {
  const auto& s = seen.s;
  const auto* said = message_of(s, message_kind::tcp_memory);
  const auto limits = thresholds_of(s);
  const auto used = pages_in_use(s);
  const bool full = limits && (*limits)[2] > 0 && used >= (*limits)[2];
  const bool pressed = limits && (*limits)[1] > 0 && used >= (*limits)[1];
  if (said == nullptr && !pressed) return {};

  constexpr std::uint64_t page = 4096;
  finding f{.id = "tcp-memory",
            .severity = said != nullptr || full ? severity::critical : severity::warning,
            .subject = host_subject(s)};
  if (said != nullptr) {
    f.title = "TCP has used up its memory: the kernel drops data and closes connections";
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
  if (limits) f.evidence.push_back(setting_evidence(key, setting_text(s, 0, key)));
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
