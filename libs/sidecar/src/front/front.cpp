#include "front/front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <tuple>
#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace waitstate::sidecar {
namespace {

/// Clients that are taken at once, before those that are there are served again.
constexpr int accepted_at_once = 16;
/// As many as can wait, and those that come meanwhile.
constexpr int waiting_max = 8'192;
constexpr duration pause = std::chrono::milliseconds(50);

union any_address {
  sockaddr base;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_storage room;
};

std::int64_t pid_of_peer(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 ? who.pid : 0;
}

}  // namespace

front::front(const asio::any_io_executor& executor, fd listener, taker taken, teller trouble)
    : listener_(executor, listener.release()),
      taken_(std::move(taken)),
      trouble_(std::move(trouble)) {
  listener_.non_blocking(true);
  // What it accepts inherits this; a unix socket knows no such thing.
  const int yes = 1;
  ::setsockopt(listener_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void front::take_waiting() {
  for (int i = 0; i < waiting_max && listener_.is_open() && accept_one(); ++i) {
  }
}

void front::close() {
  boost::system::error_code ignored;
  std::ignore = listener_.close(ignored);
}

void front::report(int number) {
  if (std::exchange(last_trouble_, number) == number) return;
  auto e = from_errno(number, "accept");
  if (number == EMFILE) e.hint = "LimitNOFILE= in the unit, or ulimit -n";
  trouble_(e);
}

bool front::accept_one() {
  any_address from{};
  socklen_t size = sizeof from;
  const int number =
      ::accept4(listener_.native_handle(), &from.base, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (number < 0) {
    is_short_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (is_short_) report(errno);
    // What ended one connection before it was taken says nothing about the next.
    return errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
  }
  last_trouble_ = 0;
  const int family = from.base.sa_family;
  const bool is_tcp = family == AF_INET || family == AF_INET6;
  auto who = std::make_shared<client_connection>(client_connection::socket_type(
      listener_.get_executor(), asio::generic::stream_protocol(family, is_tcp ? IPPROTO_TCP : 0),
      number));
  if (is_tcp) {
    who->port = ntohs(family == AF_INET ? from.v4.sin_port : from.v6.sin6_port);
  } else {
    who->pid = pid_of_peer(number);
  }
  taken_(std::move(who));
  return true;
}

asio::awaitable<void> front::run() {
  const auto self = shared_from_this();
  asio::steady_timer timer(listener_.get_executor());
  while (listener_.is_open()) {
    const auto [code] =
        co_await listener_.async_wait(asio::posix::stream_descriptor::wait_read, client::as_value);
    if (code) co_return;
    is_short_ = false;
    for (int i = 0; i < accepted_at_once && listener_.is_open() && accept_one(); ++i) {
    }
    if (!is_short_) continue;
    timer.expires_after(pause);
    co_await timer.async_wait(client::as_value);
  }
}

}  // namespace waitstate::sidecar
