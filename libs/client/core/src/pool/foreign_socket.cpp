#include "pool/foreign_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace waitstate::client {

namespace {

/// Of a socket, for as long as there is one; 0 when there is none.
std::uint64_t cookie_of(int descriptor) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (descriptor < 0 || ::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) {
    return 0;
  }
  return cookie;
}

}  // namespace

void foreign_handle::remember_socket() {
  const int now = descriptor();
  const auto cookie = cookie_of(now);
  if (descriptor_ == now && cookie_ == cookie) return;
  descriptor_ = now;
  cookie_ = cookie;
}

bool foreign_socket::is_still_there() const {
  return cookie_ != 0 && cookie_of(descriptor_) == cookie_;
}

bool foreign_socket::has_peer_closed() const {
  if (!is_still_there()) return false;
  pollfd asked{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

std::optional<duration> foreign_socket::last_byte_ago() const {
  tcp_info told{};
  socklen_t size = sizeof(told);
  if (!is_still_there() || ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &told, &size) != 0) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(std::min(told.tcpi_last_data_sent, told.tcpi_last_data_recv));
}

void foreign_socket::shut_down() const {
  if (is_still_there()) ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace waitstate::client
