#include "control/single_request.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <span>

namespace waitstate::kernel {
namespace {

/// The kernel's field holds four words; IPv4 is in the first.
void put_address(std::span<std::uint32_t, 4> field, const tcp::address& a) {
  const auto bytes = a.bytes();
  std::memcpy(field.data(), bytes.data(), bytes.size());
}

inet_diag_sockid id_of(const socket_record& s) {
  inet_diag_sockid id{};
  id.idiag_sport = htons(s.flow.local.port);
  id.idiag_dport = htons(s.flow.remote.port);
  put_address(id.idiag_src, s.flow.local.address);
  put_address(id.idiag_dst, s.flow.remote.address);
  id.idiag_if = s.interface;
  id.idiag_cookie[0] = static_cast<std::uint32_t>(s.cookie);
  id.idiag_cookie[1] = static_cast<std::uint32_t>(s.cookie >> 32);
  return id;
}

}  // namespace

std::vector<std::byte> write_single_request(std::uint16_t type, std::uint32_t sequence,
                                            const socket_record& s) {
  inet_diag_req_v2 body{};
  const bool is_v6 = s.flow.local.address.what() == tcp::address::kind::v6;
  body.sdiag_family = is_v6 ? AF_INET6 : AF_INET;
  body.sdiag_protocol = IPPROTO_TCP;
  body.idiag_ext = 1U << (INET_DIAG_INFO - 1);
  body.idiag_states = ~0U;
  body.id = id_of(s);
  // An acknowledgement is what tells that a socket was destroyed; one that is shown is enough.
  const std::uint16_t flags = type == SOCK_DESTROY ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST;
  const nlmsghdr header{.nlmsg_len = sizeof(nlmsghdr) + sizeof(body),
                        .nlmsg_type = type,
                        .nlmsg_flags = flags,
                        .nlmsg_seq = sequence,
                        .nlmsg_pid = 0};
  std::vector<std::byte> bytes(sizeof(header) + sizeof(body));
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), &body, sizeof(body));
  return bytes;
}

}  // namespace waitstate::kernel
