#include "netlink/sock_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace waitstate::kernel {
namespace {

// The kernel fills datagrams of at most 32 KiB, whatever we offer (kernel.md 3.1).
constexpr std::size_t buffer_size = 65'536;
constexpr std::size_t buffer_size_max = 1'048'576;
// Only a lost end of a dump makes us wait.
constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};

template <class Request>
std::vector<std::byte> framed(std::uint16_t type, std::uint32_t sequence, const Request& request) {
  const nlmsghdr header{.nlmsg_len = sizeof(nlmsghdr) + sizeof(Request),
                        .nlmsg_type = type,
                        .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                        .nlmsg_seq = sequence,
                        .nlmsg_pid = 0};
  std::vector<std::byte> bytes(sizeof(header) + sizeof(request));
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), &request, sizeof(request));
  return bytes;
}

result<fd> open_netlink() {
  fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return failure(from_errno(errno, "open a sock_diag socket"));
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
    return failure(from_errno(errno, "set a time limit on a sock_diag socket"));
  }
  return socket;
}

error refused(int number) {
  auto e = from_errno(number, "list TCP sockets");
  if (number == ENOENT || number == EOPNOTSUPP) {
    e.code = errc::unsupported;
    e.hint = "modprobe tcp_diag";
  }
  return e;
}

}  // namespace

std::vector<std::byte> write_request(const dump_request& request, std::uint32_t sequence) {
  const auto extensions =
      static_cast<std::uint8_t>(request.with_info ? 1U << (INET_DIAG_INFO - 1) : 0U);
  if (request.family == ip_family::both) {
    inet_diag_req old{};
    old.idiag_family = AF_INET;
    old.idiag_ext = extensions;
    old.idiag_states = request.states.bits();
    return framed(TCPDIAG_GETSOCK, sequence, old);
  }
  inet_diag_req_v2 body{};
  body.sdiag_family = request.family == ip_family::v4 ? AF_INET : AF_INET6;
  body.sdiag_protocol = IPPROTO_TCP;
  body.idiag_ext = extensions;
  body.idiag_states = request.states.bits();
  return framed(SOCK_DIAG_BY_FAMILY, sequence, body);
}

result<sock_diag> sock_diag::open() {
  sock_diag opened;
  for (auto& socket : opened.sockets_) {
    auto netlink = open_netlink();
    if (!netlink) return failure(std::move(netlink).error());
    socket = *std::move(netlink);
  }
  opened.buffer_.resize(buffer_size);
  return opened;
}

result<dump_outcome> sock_diag::dump(const dump_request& request, const socket_sink& sink) {
  auto outcome = dump_one(request, sink);
  if (outcome || request.family != ip_family::both) return outcome;

  auto by_family = request;
  by_family.family = ip_family::v4;
  auto v4 = dump_one(by_family, sink);
  if (!v4) return v4;
  by_family.family = ip_family::v6;
  auto v6 = dump_one(by_family, sink);
  if (!v6) {
    // A kernel without IPv6 has no such table; anything else has kept it from us.
    const auto why = v6.error().cause.value();
    v4->incomplete = v4->incomplete || (why != ENOENT && why != EAFNOSUPPORT);
    return v4;
  }
  return dump_outcome{.sockets = v4->sockets + v6->sockets,
                      .unreadable = v4->unreadable + v6->unreadable,
                      .restarts = v4->restarts + v6->restarts,
                      .incomplete = v4->incomplete || v6->incomplete};
}

result<dump_outcome> sock_diag::dump_one(const dump_request& request, const socket_sink& sink) {
  dump_outcome outcome;
  while (true) {
    const auto whole = attempt(request, sink, outcome);
    if (!whole) return failure(whole.error());
    if (*whole) return outcome;
    if (current_ + 1 == sockets_max) {
      outcome.incomplete = true;
      return outcome;
    }
    sockets_[current_++] = fd();
    ++outcome.restarts;
  }
}

/// True when the dump came to its end with nothing missing.
result<bool> sock_diag::attempt(const dump_request& request, const socket_sink& sink,
                                dump_outcome& outcome) {
  const auto bytes = write_request(request, ++sequence_);
  if (::send(sockets_[current_].get(), bytes.data(), bytes.size(), 0) < 0) {
    return failure(from_errno(errno, "ask for the TCP sockets"));
  }
  while (true) {
    auto part = receive(sequence_, sink);
    if (!part) return failure(std::move(part).error());
    outcome.sockets += part->sockets;
    outcome.unreadable += part->unreadable;
    if (part->error != 0 && part->error != EAGAIN && part->error != ENOBUFS) {
      return failure(refused(part->error));
    }
    if (part->incomplete || part->error != 0) return false;
    if (part->done) return true;
  }
}

result<datagram_summary> sock_diag::receive(std::uint32_t sequence, const socket_sink& sink) {
  ssize_t length = 0;
  do {
    // With MSG_TRUNC the length is that of the datagram, even if it did not fit.
    length = ::recv(sockets_[current_].get(), buffer_.data(), buffer_.size(), MSG_TRUNC);
  } while (length < 0 && errno == EINTR);
  if (length < 0) {
    const bool lost = errno == ENOBUFS || errno == EAGAIN || errno == ENOMEM;
    if (lost) return datagram_summary{.incomplete = true};
    return failure(from_errno(errno, "receive TCP sockets"));
  }
  const auto size = static_cast<std::size_t>(length);
  if (size == 0) return datagram_summary{.incomplete = true};
  if (size > buffer_.size()) {
    buffer_.resize(std::min(size, buffer_size_max));
    return datagram_summary{.incomplete = true};
  }
  return read_inet_diag(std::span(buffer_).first(size), sequence, sink);
}

}  // namespace waitstate::kernel
