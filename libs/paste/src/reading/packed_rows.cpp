#include "reading/packed_rows.h"

#include <array>
#include <bit>

namespace waitstate::paste {
namespace {

/// Has the record anything that neither 24 nor 56 bytes have room for?
bool is_special(const stored_row& r) {
  const auto& s = r.record;
  constexpr std::uint8_t formats_packed = 8;  // Three bits.
  return r.incomplete || r.from >= formats_packed || s.count != 1 || s.net_namespace != 0 ||
         s.cookie != 0 || s.cgroup_id != 0 || s.interface != 0 || s.data_segments_sent ||
         s.bytes_received || s.shut_for_reading || s.shut_for_writing || s.bind_address_no_port;
}

bool has_details(const socket_record& s) {
  const bool timer_runs = s.timer != socket_timer::unknown && s.timer != socket_timer::none;
  return s.receive_queue != 0 || s.send_queue != 0 || timer_runs || s.timer_ms != 0 ||
         s.retransmits != 0 || s.inode != 0 || s.uid || s.last_data_ms || s.last_ack_ms;
}

std::optional<std::uint32_t> given(bool has, std::uint32_t value) {
  return has ? std::optional(value) : std::nullopt;
}

}  // namespace

std::uint32_t packed_rows::packed(const tcp::address& a) {
  switch (a.what()) {
    case tcp::address::kind::none: return 0;
    case tcp::address::kind::named: return a.name();
    case tcp::address::kind::v4: {
      const auto& b = a.bytes();
      return std::bit_cast<std::uint32_t>(std::array<std::uint8_t, 4>{b[0], b[1], b[2], b[3]});
    }
    case tcp::address::kind::v6: break;
  }
  const auto [known, is_new] =
      places_.try_emplace(a, static_cast<std::uint32_t>(addresses_.size()));
  if (is_new) addresses_.push_back(a);
  return known->second;
}

tcp::address packed_rows::unpacked(tcp::address::kind kind, std::uint32_t value) const {
  switch (kind) {
    case tcp::address::kind::none: break;
    case tcp::address::kind::named: return tcp::address::named(value);
    case tcp::address::kind::v4:
      return tcp::address::v4(std::bit_cast<std::array<std::uint8_t, 4>>(value));
    case tcp::address::kind::v6: return addresses_[value];
  }
  return {};
}

void packed_rows::push_back(const stored_row& r) {
  const auto& s = r.record;
  packed_row p{.local_address = packed(s.flow.local.address),
               .remote_address = packed(s.flow.remote.address),
               .local_port = s.flow.local.port,
               .remote_port = s.flow.remote.port,
               .owner = s.owner.process,
               .state = s.state,
               .told = r.told,
               .owned = s.owner.kind,
               .local_kind = s.flow.local.address.what(),
               .remote_kind = s.flow.remote.address.what(),
               .has_queues = s.has_queues,
               .has_timer_column = s.timer == socket_timer::none};
  if (is_special(r)) {
    p.is_whole = true;
    p.more = static_cast<std::uint32_t>(whole_.size());
    whole_.push_back(r);
    rows_.push_back(p);
    return;
  }
  p.from = r.from & 7U;
  if (has_details(s)) {
    p.has_details = true;
    p.more = static_cast<std::uint32_t>(details_.size());
    details_.push_back({.receive_queue = s.receive_queue,
                        .send_queue = s.send_queue,
                        .timer_ms = s.timer_ms,
                        .inode = s.inode,
                        .uid = s.uid.value_or(0),
                        .last_data_ms = s.last_data_ms.value_or(0),
                        .last_ack_ms = s.last_ack_ms.value_or(0),
                        .timer = s.timer,
                        .retransmits = s.retransmits,
                        .has_uid = s.uid.has_value(),
                        .has_last_data = s.last_data_ms.has_value(),
                        .has_last_ack = s.last_ack_ms.has_value()});
  }
  rows_.push_back(p);
}

stored_row packed_rows::operator[](std::size_t index) const {
  const auto& p = rows_[index];
  if (p.is_whole) return whole_[p.more];
  stored_row r{.record = {.flow = {.local = {.address = unpacked(p.local_kind, p.local_address),
                                             .port = p.local_port},
                                   .remote = {.address = unpacked(p.remote_kind, p.remote_address),
                                              .port = p.remote_port}},
                          .state = p.state,
                          .owner = {.kind = p.owned, .process = p.owner},
                          .uid = {},
                          .has_queues = p.has_queues,
                          .timer = p.has_timer_column ? socket_timer::none : socket_timer::unknown,
                          .last_data_ms = {},
                          .last_ack_ms = {},
                          .bind_address_no_port = {}},
               .told = p.told,
               .from = p.from,
               .incomplete = {}};
  if (!p.has_details) return r;
  const auto& d = details_[p.more];
  auto& s = r.record;
  s.receive_queue = d.receive_queue;
  s.send_queue = d.send_queue;
  s.inode = d.inode;
  s.uid = given(d.has_uid, d.uid);
  s.timer = d.timer;
  s.timer_ms = d.timer_ms;
  s.retransmits = d.retransmits;
  s.last_data_ms = given(d.has_last_data, d.last_data_ms);
  s.last_ack_ms = given(d.has_last_ack, d.last_ack_ms);
  return r;
}

void packed_rows::tell_direction(std::size_t index, direction told) {
  auto& p = rows_[index];
  p.told = told;
  if (p.is_whole) whole_[p.more].told = told;
}

void packed_rows::tell_owner(std::size_t index, const owner_ref& owner) {
  auto& p = rows_[index];
  p.owned = owner.kind;
  p.owner = owner.process;
  if (p.is_whole) whole_[p.more].record.owner = owner;
}

void packed_rows::tell_timer(std::size_t index, socket_timer timer) {
  auto& p = rows_[index];
  p.has_timer_column = timer == socket_timer::none;
  if (p.has_details) details_[p.more].timer = timer;
  if (p.is_whole) whole_[p.more].record.timer = timer;
}

}  // namespace waitstate::paste
