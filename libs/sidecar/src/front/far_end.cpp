#include "front/far_end.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <tuple>

namespace waitstate::sidecar {
namespace {

struct question {
  nlmsghdr header{};
  inet_diag_req_v2 body{};
};

/// Puts address and port where sock_diag has them; false for what is not TCP.
bool put(const sockaddr_storage& from, std::uint16_t& port, std::span<std::uint32_t, 4> address) {
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    port = v4.sin_port;
    address[0] = v4.sin_addr.s_addr;
    return true;
  }
  if (from.ss_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  port = v6.sin6_port;
  std::memcpy(address.data(), &v6.sin6_addr, address.size_bytes());
  return true;
}

/// The same connection, seen from the other end.
bool fill(question& q, int socket) {
  sockaddr_storage ours{};
  sockaddr_storage theirs{};
  socklen_t size = sizeof ours;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&ours), &size) != 0) return false;
  size = sizeof theirs;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&theirs), &size) != 0) return false;
  q.header.nlmsg_len = sizeof q;
  q.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  q.header.nlmsg_flags = NLM_F_REQUEST;
  q.body.sdiag_family = static_cast<std::uint8_t>(ours.ss_family);
  q.body.sdiag_protocol = IPPROTO_TCP;
  q.body.idiag_states = ~0U;
  q.body.id.idiag_cookie[0] = q.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return put(theirs, q.body.id.idiag_sport, q.body.id.idiag_src) &&
         put(ours, q.body.id.idiag_dport, q.body.id.idiag_dst);
}

}  // namespace

far_end::state far_end::of(int socket) {
  question q;
  if (!fill(q, socket)) return state::elsewhere;
  if (!asking_) asking_ = fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  // The kernel answers within send(): nothing is waited for.
  if (!asking_ || ::send(asking_.get(), &q, sizeof q, MSG_DONTWAIT) < 0) return state::elsewhere;
  alignas(nlmsghdr) std::array<std::byte, 1024> bytes;
  const auto got = ::recv(asking_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  constexpr std::size_t needed = NLMSG_HDRLEN + sizeof(inet_diag_msg);
  if (got < 0 || static_cast<std::size_t>(got) < needed) return state::elsewhere;
  nlmsghdr header;
  inet_diag_msg about;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::memcpy(&about, bytes.data() + NLMSG_HDRLEN, sizeof about);
  const bool is_it = header.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
                     about.id.idiag_sport == q.body.id.idiag_sport &&
                     about.id.idiag_dport == q.body.id.idiag_dport;
  if (!is_it) return state::elsewhere;
  return about.idiag_inode == 0 ? state::let_go : state::held;
}

void far_end::reset(int socket) {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  std::ignore = ::connect(socket, &nowhere, sizeof nowhere);
}

}  // namespace waitstate::sidecar
