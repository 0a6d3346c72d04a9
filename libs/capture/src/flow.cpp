#include "flow.h"

#include <algorithm>
#include <limits>

namespace waitstate::capture {
namespace {

using namespace std::chrono_literals;

/// `-i any` and bridges show a packet twice; no timer of TCP is so short.
constexpr auto copies_within = 20ms;

/// Sequence numbers wrap.
bool is_behind(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

void count(std::uint8_t& counter) {
  if (counter < std::numeric_limits<std::uint8_t>::max()) ++counter;
}

}  // namespace

bool flow::is_begun_anew_by(const packet& p) const {
  if (!p.syn || p.ack) return false;
  const auto& from = half_[side_of(p.from)];
  const bool is_over = reset_ || (half_[0].fin && half_[1].fin);
  return is_over || (from.syns > 0 && from.initial != p.sequence);
}

void flow::take_syn(half& from, const packet& p, moment at) {
  if (!p.ack && (from.syns == 0 || at - from.syn_at > copies_within)) count(from.syns);
  from.answered = from.answered || p.ack;
  from.initial = p.sequence;
  from.next = from.acknowledged = p.sequence + 1;
  from.syn_at = at;
}

void flow::take_data(half& from, const packet& p, moment at) {
  const auto behind_it = p.sequence + p.payload;
  const bool again = from.has_data && p.sequence == from.last_sequence;
  if (again && at - from.last_sent_at > copies_within) count(from.sent_again);
  if (!again && (!from.has_data || is_behind(behind_it, from.next))) from.sent_again = 0;
  if (!from.has_data && from.syns == 0 && !from.answered) from.acknowledged = p.sequence;
  if (!from.has_data || is_behind(behind_it, from.next)) from.next = behind_it;
  from.has_data = true;
  from.last_sequence = p.sequence;
  from.last_sent_at = from.data_at = at;
  from.took_data = false;
}

void flow::take_acknowledgement(half& from, half& to, const packet& p) {
  from.has_acknowledged = true;
  const bool is_news = is_behind(p.acknowledged, to.acknowledged);
  if (to.has_data && is_news) {
    from.took_data = true;
    to.sent_again = 0;
  }
  if (is_news) to.acknowledged = p.acknowledged;
  if (to.fin && p.acknowledged == to.next + 1) to.fin_acknowledged = true;
}

void flow::add(const packet& p, moment at) {
  if (first_at_ == moment{}) first_at_ = at;
  const auto sender = side_of(p.from);
  auto& from = half_[sender];
  auto& to = half_[1 - sender];
  if (p.rst) {
    from.reset = true;
    // A reset that answers a FIN ends what was closed already.
    if (!closer_) {
      closer_ = sender;
      reset_unread_ = from.took_data && to.has_data;
    }
    reset_ = true;
    return;
  }
  if (p.syn) take_syn(from, p, at);
  if (p.ack && !p.syn) take_acknowledgement(from, to, p);
  if (p.payload > 0 && !p.syn) take_data(from, p, at);
  if (!p.fin || from.fin) return;
  from.fin = true;
  from.fin_at = at;
  from.next = p.sequence + p.payload;
  if (!closer_) closer_ = sender;
}

std::optional<flow::side> flow::opener() const {
  for (const side s : {side{0}, side{1}}) {
    if (half_[s].syns > 0 || half_[1 - s].answered) return s;
  }
  return std::nullopt;
}

bool flow::is_refused() const {
  const auto by = opener();
  return by && half_[1 - *by].reset && !half_[1 - *by].answered && !half_[*by].has_data &&
         half_[*by].syns > 0;
}

bool flow::is_unanswered() const {
  const auto by = opener();
  if (!by || half_[*by].syns == 0) return false;
  const auto& other = half_[1 - *by];
  return !other.answered && !other.reset && !other.has_data && !other.has_acknowledged &&
         !other.fin;
}

std::optional<flow::side> flow::half_closed_by() const {
  if (reset_ || half_[0].fin == half_[1].fin) return std::nullopt;
  return half_[0].fin ? side{0} : side{1};
}

std::optional<tcp::state> flow::state_of(side s) const {
  using enum tcp::state;
  const auto& mine = half_[s];
  const auto& other = half_[1 - s];
  if (reset_) return std::nullopt;
  const auto by = opener();
  if (is_unanswered()) return by == s ? std::optional(syn_sent) : std::nullopt;
  // The SYN-ACK went out and nothing came back.
  const bool is_half_open = by && by != s && mine.answered && !other.has_acknowledged;
  if (is_half_open && !other.fin) return syn_received;
  if (mine.fin && other.fin) {
    if (closer_ == s) return time_wait;
    return mine.fin_acknowledged ? std::nullopt : std::optional(last_ack);
  }
  if (mine.fin) return mine.fin_acknowledged ? fin_wait_2 : fin_wait_1;
  return other.fin ? close_wait : established;
}

moment flow::since(side s) const {
  const auto& mine = half_[s];
  const auto& other = half_[1 - s];
  if (mine.fin && other.fin) return std::max(mine.fin_at, other.fin_at);
  if (mine.fin) return mine.fin_at;
  if (other.fin) return other.fin_at;
  if (is_unanswered()) return half_[0].syn_at;
  return std::max({mine.data_at, other.data_at, first_at_});
}

std::uint8_t flow::sent_again(side s) const {
  const auto& mine = half_[s];
  if (is_unanswered()) return mine.syns > 0 ? static_cast<std::uint8_t>(mine.syns - 1) : 0;
  return unacknowledged(s) > 0 ? mine.sent_again : 0;
}

std::uint32_t flow::unacknowledged(side s) const {
  const auto& mine = half_[s];
  return mine.has_data && is_behind(mine.next, mine.acknowledged) ? mine.next - mine.acknowledged
                                                                  : 0;
}

}  // namespace waitstate::capture
