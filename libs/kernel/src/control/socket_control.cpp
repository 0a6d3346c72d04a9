#include "waitstate/kernel/socket_control.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "control/single_request.h"
#include "look/netns.h"
#include "netlink/inet_diag_message.h"

namespace waitstate::kernel {
namespace {

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
constexpr std::size_t reply_max = 8'192;  // One socket with its attributes is under 1 KiB.

result<net_namespace> find(const network_namespace& ns) {
  auto all = select_namespaces(ns.name.empty() ? "all" : ns.name);
  if (!all) return failure(std::move(all).error());
  const auto own = select_namespaces("");
  if (own && own->front().inode == ns.inode) return own->front();
  const auto it = std::ranges::find(*all, ns.inode, &net_namespace::inode);
  if (it != all->end()) return *it;
  return failure({.code = errc::not_found,
                  .what = fmt::format("netns {}: it has gone", ns.inode),
                  .hint = {}});
}

error refused(int number) {
  auto e = from_errno(number, "close a socket");
  if (number == EPERM || number == EACCES) {
    e.code = errc::permission;
    e.hint = "it takes CAP_NET_ADMIN: run as root";
  }
  if (number == EOPNOTSUPP || number == EINVAL) {
    e.code = errc::unsupported;
    e.hint = "this kernel is built without CONFIG_INET_DIAG_DESTROY; --how shutdown needs it not";
  }
  return e;
}

/// None under that flow; or another one that has taken it.
bool has_gone(int number) {
  return number == ENOENT || number == ESTALE;
}

}  // namespace

result<socket_control> socket_control::open(const network_namespace& ns) {
  const auto where = find(ns);
  if (!where) return failure(where.error());
  fd netlink;
  const auto opened = run_inside(*where, [&]() -> result<> {
    netlink = fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!netlink) return failure(from_errno(errno, "open a sock_diag socket"));
    if (::setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
      return failure(from_errno(errno, "set a time limit on a sock_diag socket"));
    }
    return {};
  });
  if (!opened) return failure(opened.error());
  return socket_control(std::move(netlink));
}

result<socket_control::answer> socket_control::ask(std::uint16_t type, const socket_record& s) {
  if (s.cookie == 0) {
    return failure({.code = errc::invalid_input,
                    .what = "a socket without a cookie cannot be told from its successor",
                    .hint = {}});
  }
  const auto request = write_single_request(type, ++sequence_, s);
  if (::send(netlink_.get(), request.data(), request.size(), 0) < 0) {
    return failure(from_errno(errno, "ask for a socket"));
  }
  std::array<std::byte, reply_max> reply;
  while (true) {
    const auto length = ::recv(netlink_.get(), reply.data(), reply.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return failure(from_errno(errno, "receive what became of a socket"));
    answer got;
    const auto seen = read_inet_diag(std::span(reply).first(static_cast<std::size_t>(length)),
                                     sequence_, [&](socket_record& one) { got.socket = one; });
    got.error = seen.error;
    // Anything else is left over from a request that was given up.
    if (seen.done || got.socket) return got;
  }
}

result<std::optional<socket_record>> socket_control::look_up(const socket_record& s) {
  auto got = ask(SOCK_DIAG_BY_FAMILY, s);
  if (!got) return failure(std::move(got).error());
  if (has_gone(got->error)) return std::optional<socket_record>();
  if (got->error != 0) return failure(from_errno(got->error, "look up a socket"));
  if (got->socket) got->socket->net_namespace = s.net_namespace;
  return got->socket;
}

result<bool> socket_control::destroy(const socket_record& s) {
  const auto got = ask(SOCK_DESTROY, s);
  if (!got) return failure(got.error());
  if (has_gone(got->error)) return false;
  if (got->error != 0) return failure(refused(got->error));
  return true;
}

}  // namespace waitstate::kernel
