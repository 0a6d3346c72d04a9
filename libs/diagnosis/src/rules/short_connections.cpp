#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "advice/ports.h"
#include "advice/reuse.h"
#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t findings_max = 5;
/// Below about two closes a second nobody needs to hear of them.
constexpr std::uint64_t worth_a_word = 100;

std::optional<severity> severity_of(const destination_use& use) {
  const auto& room = use.room;
  if (use.by_proxy || use.is_probe || !use.is_churn()) return std::nullopt;
  if (use.failure != nullptr || room.time_wait * 4 >= room.supply.usable()) {
    return severity::warning;
  }
  if (use.is_sample) return severity::warning;
  if (room.time_wait >= worth_a_word) return severity::info;
  return std::nullopt;
}

std::string title_of(const snapshot& s, const destination_use& use) {
  const auto& room = use.room;
  return fmt::format("a new connection for about every request to {}: {} in TIME-WAIT, {} open",
                     destination_text(s, use), grouped(room.time_wait),
                     room.established == 0 ? "none" : grouped(room.established));
}

std::string cause_of(const snapshot& s, const destination_use& use) {
  std::string text =
      "TIME-WAIT is on this side, so this side closes first; next to nothing stays open, so each "
      "connection carries about one request and then keeps its port for " +
      time_wait_text(s) + ".";
  if (use.room.direction_guessed) {
    text +=
        " The paste does not show who opened them: if that port is a listener of this host's "
        "own, they are harmless.";
  } else if (use.is_sample) {
    text += " The rows are a fragment: how many there are in all is not known.";
  }
  return text;
}

finding make(const picture& seen, const destination_use& use, severity how_bad) {
  const auto& s = seen.s;
  const auto& room = use.room;
  finding f{.id = "short-connections", .severity = how_bad, .title = title_of(s, use)};
  f.subject = subject_of(s, use);
  f.evidence = port_evidence(s, use);
  f.cause = cause_of(s, use);
  f.forecast = port_forecast(room);
  f.remedies = keep_connections({.runtime = use.connects,
                                 .port = room.destination.port,
                                 .destination = s.text_of(room.destination)});
  if (how_bad > severity::info) {
    std::ranges::move(find_more_ports(seen, room.net_namespace, true),
                      std::back_inserter(f.remedies));
  }
  return f;
}

}  // namespace

findings short_connections(const picture& seen) {
  findings found;
  for (const auto& use : seen.uses) {
    if (const auto how_bad = severity_of(use)) found.push_back(make(seen, use, *how_bad));
    if (found.size() == findings_max) break;
  }
  return found;
}

}  // namespace waitstate::diagnosis
