#include "inet_diag_writer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace waitstate::kernel {
namespace {

template <class T>
void append(std::vector<std::byte>& to, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void pad(std::vector<std::byte>& to) {
  while (to.size() % 4 != 0) to.push_back(std::byte{0});
}

void append_attribute(std::vector<std::byte>& to, std::uint16_t type,
                      std::span<const std::byte> payload) {
  append(to, nlattr{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + payload.size()),
                    .nla_type = type});
  to.insert(to.end(), payload.begin(), payload.end());
  pad(to);
}

inet_diag_msg message_of(const socket_record& s) {
  const bool v6 = s.flow.local.address.what() == tcp::address::kind::v6 ||
                  s.flow.remote.address.what() == tcp::address::kind::v6;
  inet_diag_msg message{};
  message.idiag_family = v6 ? AF_INET6 : AF_INET;
  message.idiag_state = static_cast<std::uint8_t>(s.state);
  message.idiag_timer = static_cast<std::uint8_t>(s.timer);
  message.id.idiag_sport = htons(s.flow.local.port);
  message.id.idiag_dport = htons(s.flow.remote.port);
  const auto write = [v6](const tcp::address& a, __be32(&words)[4]) {
    const bool mapped = v6 && a.what() == tcp::address::kind::v4;
    if (mapped) words[2] = htonl(0xffff);
    std::memcpy(mapped ? &words[3] : words, a.bytes().data(), mapped ? 4 : sizeof(words));
  };
  write(s.flow.local.address, message.id.idiag_src);
  write(s.flow.remote.address, message.id.idiag_dst);
  message.id.idiag_cookie[0] = static_cast<std::uint32_t>(s.cookie);
  message.id.idiag_cookie[1] = static_cast<std::uint32_t>(s.cookie >> 32);
  message.idiag_expires = s.timer_ms;
  message.idiag_retrans = s.retransmits;
  message.idiag_rqueue = s.receive_queue;
  message.idiag_wqueue = s.send_queue;
  message.idiag_uid = s.uid.value_or(0);
  message.idiag_inode = s.inode;
  return message;
}

void append_info(std::vector<std::byte>& to, const socket_record& s, std::size_t size) {
  tcp_info info{};
  info.tcpi_last_data_recv = s.last_data_ms.value_or(0);
  info.tcpi_last_ack_recv = s.last_ack_ms.value_or(0);
  info.tcpi_bytes_received = s.bytes_received.value_or(0);
  info.tcpi_data_segs_out = s.data_segments_sent.value_or(0);
  const auto whole = std::as_bytes(std::span(&info, 1));
  append_attribute(to, INET_DIAG_INFO, whole.first(std::min(size, whole.size())));
}

auto wire_fields(const socket_record& s) {
  return std::tuple(s.flow, s.state, s.cookie, s.cgroup_id, s.inode, s.uid, s.receive_queue,
                    s.send_queue, s.timer, s.timer_ms, s.retransmits, s.last_data_ms, s.last_ack_ms,
                    s.bytes_received, s.data_segments_sent, s.shut_for_reading, s.shut_for_writing,
                    s.bind_address_no_port);
}

}  // namespace

void inet_diag_writer::add(const socket_record& s, std::size_t info_size) {
  std::vector<std::byte> payload;
  append(payload, message_of(s));
  const auto shut =
      static_cast<std::uint8_t>((s.shut_for_reading ? 1 : 0) | (s.shut_for_writing ? 2 : 0));
  append_attribute(payload, INET_DIAG_SHUTDOWN, std::as_bytes(std::span(&shut, 1)));
  if (s.cgroup_id != 0) {
    append_attribute(payload, INET_DIAG_CGROUP_ID, std::as_bytes(std::span(&s.cgroup_id, 1)));
  }
  if (s.bind_address_no_port) {
    inet_diag_sockopt options{};
    options.bind_address_no_port = *s.bind_address_no_port ? 1 : 0;
    append_attribute(payload, INET_DIAG_SOCKOPT, std::as_bytes(std::span(&options, 1)));
  }
  // A record may know only the first of the four: then tcp_info ends before the others.
  constexpr auto ack_at = offsetof(tcp_info, tcpi_last_ack_recv);
  constexpr auto sent_at = offsetof(tcp_info, tcpi_data_segs_out);
  constexpr auto received_at = offsetof(tcp_info, tcpi_bytes_received);
  if (!s.bytes_received) info_size = std::min(info_size, received_at);
  if (!s.data_segments_sent) info_size = std::min(info_size, sent_at);
  if (s.last_data_ms) append_info(payload, s, s.last_ack_ms ? info_size : ack_at);
  add_message(20 /* SOCK_DIAG_BY_FAMILY */, NLM_F_MULTI, payload);
}

void inet_diag_writer::add_done(int error) {
  add_message(NLMSG_DONE, NLM_F_MULTI, std::as_bytes(std::span(&error, 1)));
}

void inet_diag_writer::add_error(int error) {
  const nlmsgerr payload{.error = error, .msg = {}};
  add_message(NLMSG_ERROR, 0, std::as_bytes(std::span(&payload, 1)));
}

void inet_diag_writer::add_message(std::uint16_t type, std::uint16_t flags,
                                   std::span<const std::byte> payload) {
  append(bytes_,
         nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()),
                  .nlmsg_type = type,
                  .nlmsg_flags = flags,
                  .nlmsg_seq = sequence_,
                  .nlmsg_pid = 0});
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  pad(bytes_);
}

bool same_on_the_wire(const socket_record& a, const socket_record& b) {
  return wire_fields(a) == wire_fields(b);
}

}  // namespace waitstate::kernel
