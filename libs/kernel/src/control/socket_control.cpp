#include "waitstate/kernel/socket_control.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "bpf/bpf_closer.h"
#include "control/single_request.h"
#include "look/netns.h"
#include "netlink/inet_diag_message.h"
#include "waitstate/base/fd.h"

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

bool is_same(const socket_record& a, const socket_record& b) {
  const auto used = [](const socket_record& s) {
    return std::tuple(s.state, s.receive_queue, s.send_queue, s.bytes_received,
                      s.data_segments_sent);
  };
  return used(a) == used(b);
}

/// What the kernel answered: a positive errno or 0, and the socket where it shows one.
struct answer {
  int error = 0;
  std::optional<socket_record> socket;
};

}  // namespace

/// Asks the kernel about single sockets, over netlink.
struct socket_control::requests {
  explicit requests(fd opened) : netlink(std::move(opened)) {}
  [[nodiscard]] result<answer> ask(std::uint16_t type, const socket_record& s);

  fd netlink;
  std::uint32_t sequence = 0;
};

struct socket_control::closer {
  bpf_closer programs;
  net_namespace where;
  bool is_demanded = false;  ///< Where a pass fails, nothing else is tried.
};

result<answer> socket_control::requests::ask(std::uint16_t type, const socket_record& s) {
  if (s.cookie == 0) {
    return failure({.code = errc::invalid_input,
                    .what = "a socket without a cookie cannot be told from its successor",
                    .hint = {}});
  }
  const auto request = write_single_request(type, ++sequence, s);
  if (::send(netlink.get(), request.data(), request.size(), 0) < 0) {
    return failure(from_errno(errno, "ask for a socket"));
  }
  std::array<std::byte, reply_max> reply;
  while (true) {
    const auto length = ::recv(netlink.get(), reply.data(), reply.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return failure(from_errno(errno, "receive what became of a socket"));
    answer got;
    const auto seen = read_inet_diag(std::span(reply).first(static_cast<std::size_t>(length)),
                                     sequence, [&](socket_record& one) { got.socket = one; });
    got.error = seen.error;
    // Anything else is left over from a request that was given up.
    if (seen.done || got.socket) return got;
  }
}

socket_control::socket_control(std::unique_ptr<requests> asked, std::unique_ptr<closer> closing)
    : requests_(std::move(asked)), closer_(std::move(closing)) {}
socket_control::~socket_control() = default;
socket_control::socket_control(socket_control&&) noexcept = default;
socket_control& socket_control::operator=(socket_control&&) noexcept = default;

result<socket_control> socket_control::open(const network_namespace& ns, kernel_source source) {
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
  std::unique_ptr<closer> closing;
  if (source != kernel_source::netlink) {
    auto loaded = bpf_closer::load();
    if (!loaded && source == kernel_source::bpf) return failure(std::move(loaded).error());
    if (loaded)
      closing = std::make_unique<closer>(*std::move(loaded), *where, source == kernel_source::bpf);
  }
  return socket_control(std::make_unique<requests>(std::move(netlink)), std::move(closing));
}

result<std::optional<socket_record>> socket_control::look_up(const socket_record& s) {
  auto got = requests_->ask(SOCK_DIAG_BY_FAMILY, s);
  if (!got) return failure(std::move(got).error());
  if (has_gone(got->error)) return std::optional<socket_record>();
  if (got->error != 0) return failure(from_errno(got->error, "look up a socket"));
  if (got->socket) got->socket->net_namespace = s.net_namespace;
  return got->socket;
}

result<destroyed> socket_control::request_end_of(const socket_record& s) {
  const auto got = requests_->ask(SOCK_DESTROY, s);
  if (!got) return failure(got.error());
  if (has_gone(got->error)) return destroyed::gone;
  if (got->error != 0) return failure(refused(got->error));
  return destroyed::closed;
}

result<destroyed> socket_control::request_end_if_same(const socket_record& judged) {
  const auto now = look_up(judged);
  if (!now) return failure(now.error());
  if (!*now) return destroyed::gone;
  return is_same(**now, judged) ? request_end_of(judged) : result<destroyed>(destroyed::changed);
}

std::vector<result<destroyed>> socket_control::destroy(std::span<const socket_record> judged) {
  std::vector<result<destroyed>> ends;
  ends.reserve(judged.size());
  if (closer_ == nullptr) {
    for (const auto& s : judged) ends.push_back(request_end_of(s));
    return ends;
  }
  const auto outcomes = closer_->programs.close(closer_->where, judged);
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (!outcomes[i]) {
      ends.push_back(closer_->is_demanded ? failure(outcomes[i].error())
                                          : request_end_if_same(judged[i]));
      continue;
    }
    switch (*outcomes[i]) {
      case bpf_closer::outcome::closed: ends.emplace_back(destroyed::closed_under_lock); break;
      case bpf_closer::outcome::changed: ends.emplace_back(destroyed::changed); break;
      case bpf_closer::outcome::gone: ends.emplace_back(destroyed::gone); break;
      case bpf_closer::outcome::not_met:
      case bpf_closer::outcome::not_whole: ends.push_back(request_end_if_same(judged[i])); break;
    }
  }
  return ends;
}

}  // namespace waitstate::kernel
