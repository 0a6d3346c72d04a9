#include "flow_table.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "waitstate/tcp/service.h"

namespace waitstate::capture {
namespace {

using namespace std::chrono_literals;

/// As many services as a person reads of.
constexpr std::size_t services_max = 256;
/// include/net/tcp.h, TCP_TIMEWAIT_LEN.
constexpr auto time_wait = 60s;

/// A close that is answered passes these within a round trip.
constexpr auto passing_for = 1s;

bool is_passing(tcp::state s) {
  using enum tcp::state;
  return s == close_wait || s == fin_wait_1 || s == fin_wait_2 || s == last_ack;
}

tcp::flow key_of(const packet& p) {
  return p.from < p.to ? tcp::flow{.local = p.from, .remote = p.to}
                       : tcp::flow{.local = p.to, .remote = p.from};
}

std::uint32_t milliseconds(moment time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(ms, 0, std::numeric_limits<std::uint32_t>::max()));
}

/// Where the SYN was not captured: the end whose port is known as a service's, else the lower one.
bool is_service(const tcp::endpoint& a, const tcp::endpoint& b) {
  const bool known = tcp::service_of(a.port).has_value();
  const bool other_known = tcp::service_of(b.port).has_value();
  return known != other_known ? known : a.port < b.port;
}

direction direction_of(const flow& f, flow::side own) {
  if (const auto by = f.opener()) return *by == own ? direction::outbound : direction::inbound;
  return is_service(f.end(own), f.end(1 - own)) ? direction::inbound : direction::outbound;
}

}  // namespace

void flow_table::add(const packet& p, moment at) {
  ++packets_;
  last_ = std::max(last_, at);
  if (p.sent_here) local_.insert(*p.sent_here ? p.from.address : p.to.address);
  const auto known = current_.find(key_of(p));
  const bool is_new = known == current_.end() || flows_[known->second].is_begun_anew_by(p);
  if (!is_new) {
    flows_[known->second].add(p, at);
    return;
  }
  if (flows_.size() >= flows_max) {
    ++left_out_;
    return;
  }
  current_.insert_or_assign(key_of(p), flows_.size());
  flows_.emplace_back(p.from, p.to).add(p, at);
}

/// Without directions of packets: the address that nearly all connections have. Where two have it,
/// the capture is of two hosts, and the one that connects is taken.
void flow_table::find_local_addresses(snapshot_builder& builder) {
  if (!local_.empty()) return;
  struct share {
    std::uint64_t flows = 0;
    std::uint64_t opened = 0;
  };
  std::map<tcp::address, share> shares;
  for (const auto& f : flows_) {
    for (const flow::side s : {flow::side{0}, flow::side{1}}) {
      auto& one = shares[f.end(s).address];
      ++one.flows;
      if (direction_of(f, s) == direction::outbound) ++one.opened;
    }
  }
  const auto most = std::ranges::max_element(
      shares, {}, [](const auto& one) { return std::pair(one.second.flows, one.second.opened); });
  constexpr std::uint64_t nearly_all_percent = 90;
  if (most == shares.end() || most->first.is_loopback()) return;
  const bool is_it = most->second.flows * 100 >= flows_.size() * nearly_all_percent;
  if (is_it) local_.insert(most->first);
  builder.add_limit(
      {.id = "capture-host-assumed",
       .text =
           is_it ? fmt::format("the capture does not say on which host it was taken: {} is taken "
                               "for this host",
                               tcp::to_string(most->first))
                 : std::string("the capture is of connections of several hosts: each is shown from "
                               "the end that opened it"),
       .hint = "tcpdump -i any records which way each packet goes"});
}

flow::side flow_table::own_side(const flow& f) const {
  const bool first = is_local(f.end(0).address);
  const bool second = is_local(f.end(1).address);
  if (first != second) return first ? 0 : 1;
  return direction_of(f, 0) == direction::outbound ? 0 : 1;
}

void flow_table::tally(const flow& f, flow::side own, direction d) {
  const auto& service = f.end(d == direction::inbound ? own : 1 - own);
  auto& one = services_[{d, service}];
  one.service = service;
  one.direction = d;
  ++one.flows;
  if (f.is_refused()) {
    ++one.refused;
    return;
  }
  if (f.is_unanswered()) ++one.unanswered;
  if (const auto by = f.closer()) {
    const bool here = *by == own;
    ++(here ? one.closed_here : one.closed_there);
    if (f.is_reset() && !f.half_closed_by()) ++(here ? one.reset_here : one.reset_there);
    if (f.is_reset_unread()) ++(here ? one.reset_unread_here : one.reset_unread_there);
  }
  if (const auto by = f.half_closed_by(); by && last_ - f.since(*by) >= passing_for) {
    ++(*by == own ? one.half_closed_there : one.half_closed_here);
    one.half_closed_ms = std::max(one.half_closed_ms, milliseconds(last_ - f.since(*by)));
  }
}

void flow_table::pour_end(const flow& f, flow::side own, snapshot_builder& builder) {
  const auto d = direction_of(f, own);
  tally(f, own, d);
  const auto state = f.state_of(own);
  if (!state) return;
  const auto age = last_ - f.since(own);
  if (*state == tcp::state::time_wait && age >= time_wait) return;
  if (is_passing(*state) && age < passing_for) {
    ++passing_;
    return;
  }
  socket_record s{.flow = {.local = f.end(own), .remote = f.end(1 - own)},
                  .state = *state,
                  .has_queues = false};
  if (*state == tcp::state::time_wait) {
    s.timer = socket_timer::time_wait;
    s.timer_ms = milliseconds(time_wait - age);
  } else if (*state == tcp::state::established) {
    s.last_data_ms = milliseconds(last_ - f.last_data_to(own));
    s.last_ack_ms = s.last_data_ms;
  } else {
    s.last_data_ms = s.last_ack_ms = milliseconds(age);
  }
  if (const auto again = f.sent_again(own); again > 0) {
    s.timer = socket_timer::retransmit;
    s.retransmits = again;
    s.send_queue = f.unacknowledged(own);
  }
  builder.add(s, d);
}

void flow_table::pour(const flow& f, snapshot_builder& builder) {
  const bool is_loopback = f.end(0).address.is_loopback() && f.end(1).address.is_loopback();
  if (is_loopback) {
    // Both ends are here; the one that opened it is told of.
    const auto own = direction_of(f, 0) == direction::outbound ? flow::side{0} : flow::side{1};
    pour_end(f, own, builder);
    return;
  }
  pour_end(f, own_side(f), builder);
}

std::vector<captured_service> flow_table::pour_into(snapshot_builder& builder) {
  find_local_addresses(builder);
  for (const auto& f : flows_) pour(f, builder);
  std::vector<captured_service> all;
  all.reserve(services_.size());
  for (const auto& [key, one] : services_) all.push_back(one);
  std::ranges::sort(all, std::ranges::greater{}, &captured_service::flows);
  if (all.size() > services_max) all.resize(services_max);
  return all;
}

}  // namespace waitstate::capture
