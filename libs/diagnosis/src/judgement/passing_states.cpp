#include "judgement/passing_states.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include <fmt/format.h>

#include "advice/system.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

struct passing_state {
  tcp::state state;
  std::uint64_t many;          ///< Fewer are an everyday number on a busy host.
  std::uint64_t part_of_open;  ///< And of ESTABLISHED so large a part: a tenth, a half.
  std::string_view lasts;
};

constexpr std::string_view a_round_trip = "a round trip where the other side answers";

constexpr passing_state passing[] = {
    {tcp::state::fin_wait_1, 100, 10, a_round_trip},
    {tcp::state::last_ack, 100, 10, a_round_trip},
    {tcp::state::closing, 100, 10, a_round_trip},
    {tcp::state::syn_received, 100, 10, a_round_trip},
    {tcp::state::new_syn_received, 100, 10, a_round_trip},
    {tcp::state::fin_wait_2, 100, 2, "a moment where the other side closes, too"},
    {tcp::state::close_wait, 20, 10, "a moment where the program closes, too"},
    {tcp::state::closed, 100, 10, "no time: its program has not let go of it"},
};

bool passes(tcp::state state) {
  return std::ranges::any_of(passing, [&](const auto& p) { return p.state == state; });
}

/// Rows that somebody picked out, nine in ten of them on their way out or in.
bool shows_little_else(const snapshot& s) {
  constexpr std::uint64_t rows_min = 3;
  std::uint64_t on_their_way = 0;
  for (const auto& g : s.groups) on_their_way += passes(g.key.state) ? g.count : 0;
  const auto all = s.states().total();
  return s.listeners.empty() && all >= rows_min && on_their_way * 10 >= all * 9;
}

/// Rows of nothing but sockets whose connection is over: no program has them for a moment only.
bool shows_only_ended(const snapshot& s) {
  const auto states = s.states();
  const auto ended = states.of(tcp::state::closed);
  return ended > 0 && ended == states.total();
}

/// Many for what is open; or some, and half as many as that and more.
bool is_much(const passing_state& p, std::uint64_t count, std::uint64_t open) {
  constexpr std::uint64_t some = 20;
  return (count >= p.many && count * p.part_of_open >= open) ||
         (count >= some && count * 2 >= open);
}

/// Open connections of one side: on loopback a paste shows both ends, of which one has nothing in
/// its queues.
struct queues_of_side {
  std::uint64_t open = 0;
  std::uint64_t unread = 0;
  std::uint64_t unsent = 0;

  [[nodiscard]] bool are_unread() const { return open > 0 && unread == open; }
  [[nodiscard]] bool are_unsent() const { return open > 0 && unsent == open; }
};

void add_queues(const snapshot& s, std::vector<open_question>& questions) {
  if (s.groups.empty() || !s.listeners.empty()) return;
  std::map<direction, queues_of_side> sides;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established) return;
    auto& side = sides[g.key.direction];
    side.open += g.count;
    side.unread += g.receive_queue_one + g.receive_queue_more;
    side.unsent += g.send_queue_filled;
  }
  const auto filled = std::ranges::find_if(
      sides, [](const auto& side) { return side.second.are_unread() || side.second.are_unsent(); });
  if (filled == sides.end()) return;
  const auto& [open, unread, unsent] = filled->second;
  questions.push_back(
      {.text = fmt::format("{} {} data in {} queue", counted(open, "open connection"),
                           open == 1 ? "has" : "have", unread == open ? "the receive" : "the send"),
       .to_add = {.id = "queues-seen-once",
                  .text = unread == open
                              ? "whether the program reads what lies there is not seen in one look"
                              : "whether the other side takes what lies there is not seen in one "
                                "look",
                  .hint = fmt::format("add the output of `{}` some seconds later",
                                      advice_for(system_of(s)).list_sockets)}});
}

}  // namespace

void add_passing_states(const snapshot& s, std::vector<open_question>& questions) {
  if (s.source != source_kind::pasted) return;
  const auto states = s.states();
  const auto open = states.of(tcp::state::established);
  const bool alone = shows_little_else(s) || shows_only_ended(s);
  for (const auto& p : passing) {
    const auto count = states.of(p.state);
    if (!is_much(p, count, open) && !(alone && count > 0)) continue;
    questions.push_back(
        {.text = fmt::format("{} in {}, which lasts {}", counted(count, "socket"),
                             tcp::to_string(p.state), p.lasts),
         .to_add = {.id = "states-seen-once",
                    .text = fmt::format("whether those in {} stay is not seen in one look",
                                        tcp::to_string(p.state)),
                    .hint = fmt::format("add the output of `{}`, twice within some seconds",
                                        advice_for(system_of(s)).list_sockets)}});
    return;
  }
  add_queues(s, questions);
}

}  // namespace waitstate::diagnosis
