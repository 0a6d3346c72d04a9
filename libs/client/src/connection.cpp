#include "waitstate/client/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace waitstate::client {
namespace {

bool nothing_under_way(int socket) {
  int unread = 0;
  int unsent = 0;
  return ::ioctl(socket, SIOCINQ, &unread) == 0 && ::ioctl(socket, SIOCOUTQ, &unsent) == 0 &&
         unread == 0 && unsent == 0;
}

}  // namespace

connection::connection(socket s, endpoint to)
    : socket_(std::move(s)),
      to_(std::move(to)),
      last_byte_(clock::now().time_since_epoch().count()) {}

connection::~connection() {
  if (how_ != close_how::reset || has_peer_closed() || !socket_.is_open()) return;
  const int handle = socket_.native_handle();
  if (!nothing_under_way(handle)) return;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

connection::tls_stream& connection::start_tls(asio::ssl::context& context) {
  tls_ = std::make_unique<tls_stream>(socket_, context);
  return *tls_;
}

void connection::shut_down(std::string_view why) {
  if (shut_.exchange(true, std::memory_order_acq_rel)) return;
  why_.store(std::make_shared<const std::string>(why));
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
}

std::string connection::why_shut_down() const {
  const auto why = why_.load();
  return why ? *why : std::string();
}

bool connection::is_dirty() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace waitstate::client
