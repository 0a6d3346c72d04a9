#include "judgement/tracked_questions.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "advice/system.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A connection tracking table keeps CLOSE_WAIT for a minute: one side has closed and the other has
/// not, and the table does not say which.
void add_half_closed_flows(const snapshot& s, std::vector<open_question>& questions) {
  constexpr std::uint64_t many = 20;  // A close that is answered passes it within a round trip.
  const auto most = std::ranges::find_if(
      s.tracked, [](const tracked_flows& t) { return t.state == "CLOSE_WAIT"; });
  if (most == s.tracked.end() || most->count < many) return;
  questions.push_back(
      {.text = fmt::format("{} to {} are half-closed where this host tracks them",
                           counted(most->count, "connection"), s.text_of(most->destination)),
       .to_add = {.id = "half-closed-flows",
                  .text =
                      "one end of each has closed and the other has not within a round trip; the "
                      "table does not say which",
                  .hint = fmt::format("add the output of `{}` on that destination",
                                      advice_for(system_of(s)).list_sockets)}});
}

/// Nothing but SYNs that the table saw no answer to.
void add_unreplied(const snapshot& s, std::vector<open_question>& questions) {
  std::uint64_t flows = 0;
  for (const auto& t : s.tracked) {
    if (!t.unreplied) return;
    flows += t.count;
  }
  if (flows == 0) return;
  questions.push_back(
      {.text = fmt::format("{} {} tracked, and no answer to any was seen",
                           counted(flows, "connection"), flows == 1 ? "is" : "are"),
       .to_add = {.id = "flows-unreplied",
                  .text = "an answer comes within a round trip; whether these ever get one is not "
                          "seen in one look",
                  .hint = "add the output of `conntrack -L -p tcp` without a filter"}});
}

/// Packets that were dropped since another entry was there first: two of a new flow at once, as a
/// resolver sends them through a NAT.
void add_races(const snapshot& s, std::vector<open_question>& questions) {
  std::uint64_t lost = 0;
  for (const auto& ns : s.namespaces) {
    lost = std::max(lost, ns.counter("Conntrack.insert_failed").value_or(0));
  }
  if (s.source != source_kind::pasted || lost == 0) return;
  questions.push_back(
      {.text = fmt::format("connection tracking dropped {} since boot whose entry another one was "
                           "quicker with (insert_failed)",
                           counted(lost, "packet")),
       .to_add = {.id = "entries-raced",
                  .text =
                      "two packets of a new flow at once, as of DNS over UDP through a NAT; to a "
                      "resolver each is a wait of five seconds",
                  .hint = "add the output of `conntrack -S`, twice within a minute"}});
}

}  // namespace

void add_tracked_questions(const snapshot& s, std::vector<open_question>& questions) {
  add_half_closed_flows(s, questions);
  add_unreplied(s, questions);
  add_races(s, questions);
}

}  // namespace waitstate::diagnosis
