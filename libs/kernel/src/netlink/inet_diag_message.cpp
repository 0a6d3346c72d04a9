#include "netlink/inet_diag_message.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace waitstate::kernel {
namespace {

/// Copies a T out of bytes that may be unaligned. The caller has checked the size.
template <class T>
T load(std::span<const std::byte> from, std::size_t offset = 0) {
  T value;
  std::memcpy(&value, from.data() + offset, sizeof(value));
  return value;
}

constexpr std::size_t aligned(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

std::span<const std::byte> after(std::span<const std::byte> bytes, std::size_t offset) {
  return bytes.subspan(std::min(offset, bytes.size()));
}

std::optional<tcp::address> address_of(std::uint8_t family, const __be32 (&words)[4]) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), words, sizeof(words));
  if (family == AF_INET) return tcp::address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  if (family == AF_INET6) return tcp::address::v6(bytes);
  return std::nullopt;
}

socket_timer timer_of(std::uint8_t number) {
  return number <= 4 ? static_cast<socket_timer>(number) : socket_timer::unknown;
}

// An older kernel has a shorter tcp_info: what is past its end stays unknown.
void add_info(socket_record& s, std::span<const std::byte> info) {
  // Nothing came yet, and the times that the kernel then shows are about those since its start.
  if (s.state == tcp::state::syn_sent) return;
  constexpr auto data_at = offsetof(tcp_info, tcpi_last_data_recv);
  constexpr auto ack_at = offsetof(tcp_info, tcpi_last_ack_recv);
  if (info.size() >= data_at + 4) s.last_data_ms = load<std::uint32_t>(info, data_at);
  if (info.size() >= ack_at + 4) s.last_ack_ms = load<std::uint32_t>(info, ack_at);
  constexpr auto received_at = offsetof(tcp_info, tcpi_bytes_received);
  if (info.size() >= received_at + 8) s.bytes_received = load<std::uint64_t>(info, received_at);
  constexpr auto sent_at = offsetof(tcp_info, tcpi_data_segs_out);
  if (info.size() >= sent_at + 4) s.data_segments_sent = load<std::uint32_t>(info, sent_at);
}

void add_attribute(socket_record& s, std::uint16_t type, std::span<const std::byte> payload) {
  switch (type) {
    case INET_DIAG_INFO: add_info(s, payload); return;
    case INET_DIAG_SHUTDOWN: {
      if (payload.empty()) return;
      const auto bits = load<std::uint8_t>(payload);
      s.shut_for_reading = (bits & 1) != 0;  // RCV_SHUTDOWN
      s.shut_for_writing = (bits & 2) != 0;  // SEND_SHUTDOWN
      return;
    }
    case INET_DIAG_CGROUP_ID:
      if (payload.size() >= 8) s.cgroup_id = load<std::uint64_t>(payload);
      return;
    case INET_DIAG_SOCKOPT: {
      if (payload.size() < sizeof(inet_diag_sockopt)) return;
      const auto options = load<inet_diag_sockopt>(payload);
      s.bind_address_no_port = options.bind_address_no_port != 0;
      return;
    }
    default: return;
  }
}

/// False when the attributes break their format; what was read before counts.
bool add_attributes(socket_record& s, std::span<const std::byte> attributes) {
  while (attributes.size() >= sizeof(nlattr)) {
    const auto header = load<nlattr>(attributes);
    if (header.nla_len < sizeof(nlattr) || header.nla_len > attributes.size()) return false;
    add_attribute(s, header.nla_type & NLA_TYPE_MASK,
                  attributes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr)));
    attributes = after(attributes, aligned(header.nla_len));
  }
  return true;
}

// The kernel finds bound sockets under the state bit BOUND_INACTIVE and then writes what they have:
// CLOSE. With a remote port it would be a connection that died while it was being listed.
bool is_bound_only(const socket_record& s) {
  return s.state == tcp::state::closed && s.flow.local.port != 0 && s.flow.remote.port == 0;
}

std::optional<socket_record> record_of(std::span<const std::byte> payload) {
  if (payload.size() < sizeof(inet_diag_msg)) return std::nullopt;
  const auto message = load<inet_diag_msg>(payload);
  const auto local = address_of(message.idiag_family, message.id.idiag_src);
  const auto remote = address_of(message.idiag_family, message.id.idiag_dst);
  if (!local || !remote || message.idiag_state >= tcp::state_count) return std::nullopt;

  socket_record s{
      .flow = {.local = {.address = *local, .port = ntohs(message.id.idiag_sport)},
               .remote = {.address = *remote, .port = ntohs(message.id.idiag_dport)}},
      .state = static_cast<tcp::state>(message.idiag_state),
      .cookie = (std::uint64_t{message.id.idiag_cookie[1]} << 32) | message.id.idiag_cookie[0],
      .inode = message.idiag_inode,
      .interface = message.id.idiag_if,
      .receive_queue = message.idiag_rqueue,
      .send_queue = message.idiag_wqueue,
      .timer = timer_of(message.idiag_timer),
      .retransmits = message.idiag_retrans};
  if (is_bound_only(s)) s.state = tcp::state::bound_inactive;
  if (s.inode != 0) s.uid = message.idiag_uid;
  const bool runs = s.timer != socket_timer::none && s.timer != socket_timer::unknown;
  if (runs) s.timer_ms = message.idiag_expires;
  if (!add_attributes(s, payload.subspan(sizeof(inet_diag_msg)))) return std::nullopt;
  return s;
}

/// NLMSG_ERROR and NLMSG_DONE both start with a negative errno, or 0.
int errno_in(std::span<const std::byte> payload) {
  if (payload.size() < sizeof(int)) return 0;
  const auto number = load<int>(payload);
  return number < 0 && number > -4096 ? -number : 0;
}

void read_message(datagram_summary& summary, std::uint16_t type, std::span<const std::byte> payload,
                  const socket_sink& sink) {
  switch (type) {
    case NLMSG_NOOP: return;
    case NLMSG_OVERRUN: summary.incomplete = true; return;
    case NLMSG_DONE:
    case NLMSG_ERROR:
      summary.done = true;
      summary.error = errno_in(payload);
      return;
    default: break;
  }
  auto s = record_of(payload);
  if (!s) {
    ++summary.unreadable;
    return;
  }
  ++summary.sockets;
  sink(*s);
}

}  // namespace

datagram_summary read_inet_diag(std::span<const std::byte> datagram, std::uint32_t sequence,
                                const socket_sink& sink) {
  datagram_summary summary;
  while (!summary.done && !datagram.empty()) {
    const auto header = datagram.size() >= sizeof(nlmsghdr) ? load<nlmsghdr>(datagram) : nlmsghdr{};
    if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > datagram.size()) {
      summary.incomplete = true;
      return summary;
    }
    if (header.nlmsg_seq == sequence) {
      if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) summary.incomplete = true;
      read_message(summary, header.nlmsg_type,
                   datagram.subspan(sizeof(nlmsghdr), header.nlmsg_len - sizeof(nlmsghdr)), sink);
    }
    datagram = after(datagram, aligned(header.nlmsg_len));
  }
  return summary;
}

}  // namespace waitstate::kernel
