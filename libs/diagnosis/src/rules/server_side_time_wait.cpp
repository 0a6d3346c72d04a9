#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "advice/system.h"
#include "judgement/direction.h"
#include "judgement/followed_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/followed_text.h"

namespace waitstate::diagnosis {
namespace {

/// Below about two closes a second nobody asks about them.
constexpr std::uint64_t worth_a_word_live = 100;
constexpr std::uint64_t bytes_each = 256;  // tw_sock_TCP, kernel.md 3.2

}  // namespace

findings server_side_time_wait(const picture& seen) {
  const auto& s = seen.s;
  std::uint64_t total = 0;
  bool is_guessed = false;
  std::map<std::uint16_t, std::uint64_t> by_port;
  std::map<std::uint16_t, std::uint32_t> namespace_of;
  for (const auto& group : s.groups) {
    if (group.key.state != tcp::state::time_wait) continue;
    const auto side = side_of(s, group);
    if (side.direction != direction::inbound) continue;
    is_guessed = is_guessed || side.is_guessed;
    total += group.count;
    by_port[group.key.local.port] += group.count;
    namespace_of.emplace(group.key.local.port, group.key.net_namespace);
  }
  if (total < (s.source == source_kind::live ? worth_a_word_live : 1)) return {};

  std::vector<std::pair<std::uint64_t, std::uint16_t>> ports;
  ports.reserve(by_port.size());
  for (const auto& [port, count] : by_port) ports.emplace_back(count, port);
  std::ranges::sort(ports, std::greater{});
  std::vector<std::string> named;
  named.reserve(ports.size());
  for (const auto& [count, port] : ports) {
    named.push_back(fmt::format("{} on port {}", grouped(count), port));
  }
  finding f{.id = "server-side-time-wait",
            .severity = severity::info,
            .certainty = is_guessed ? likely("they are a client's, and hold a port each",
                                             "whether this host listens on their local port")
                                    : certainty{},
            .title = fmt::format("{} in TIME-WAIT {} normal: on the server's side {} about {} and "
                                 "block{} no port",
                                 counted(total, "socket"), total == 1 ? "is" : "are",
                                 total == 1 ? "it costs" : "they cost", bytes(total * bytes_each),
                                 total == 1 ? "s" : ""),
            .subject = host_subject(s)};
  f.evidence.push_back({"TIME-WAIT whose local port is a listener's", listed(named), source_of(s)});
  const auto largest = ports.front().second;
  if (const auto use = followed_at(s, namespace_of[largest], direction::inbound,
                                   {.address = {}, .port = largest})) {
    std::ranges::move(followed_evidence(s, *use), std::back_inserter(f.evidence));
  }
  f.cause =
      "This side, the server, closed these connections first, so TIME-WAIT is here. It uses "
      "no ephemeral port, and a client that comes back with a new connection is let in (a "
      "newer timestamp or sequence number takes it over).";
  f.forecast = fmt::format("each is gone {}", advice_for(system_of(s)).time_wait_ends);
  f.remedies = {{.text = "Nothing. To have fewer, let the client close first: longer keep-alive on "
                         "the server",
                 .command = {},
                 .risk = {},
                 .undo = {}}};
  return {f};
}

}  // namespace waitstate::diagnosis
