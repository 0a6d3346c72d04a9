#include "waitstate/client/core/connection.h"

#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/shared_timer.h"

namespace waitstate::client {
namespace {

constexpr const char* overdue_text = "the deadline passed";

bool nothing_under_way(int socket) {
  int unread = 0;
  int unsent = 0;
  return ::ioctl(socket, SIOCINQ, &unread) == 0 && ::ioctl(socket, SIOCOUTQ, &unsent) == 0 &&
         unread == 0 && unsent == 0;
}

/// Not so where whoever had it has reset it, with whatever was under way.
bool is_connected(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

/// What TLS has taken from the socket and nobody has read: the rest of a record, or a whole one.
connection::pending unread_in(SSL* tls) {
  char byte = 0;
  const int got = ::SSL_peek(tls, &byte, 1);
  const bool is_waiting = got <= 0 && ::SSL_get_error(tls, got) == SSL_ERROR_WANT_READ;
  ::ERR_clear_error();
  if (got > 0) return connection::pending::bytes;
  return is_waiting ? connection::pending::nothing : connection::pending::end;
}

}  // namespace

connection::connection(socket s, endpoint to)
    : socket_(std::move(s)),
      to_(std::move(to)),
      last_byte_(clock::now().time_since_epoch().count()) {}

connection::~connection() {
  // OpenSSL forgets the session of a connection that ends without a word, as ours do: the protocols
  // above know where their messages end.
  if (tls_) ::SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  if (!socket_.is_open()) return;
  const int handle = socket_.native_handle();
  const bool is_reset = how_ == close_how::reset && !has_peer_closed() && !is_shut_down() &&
                        (nothing_under_way(handle) || !is_connected(handle));
  if (is_reset) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  if (!counts_) return;
  if (is_reset) {
    ++counts_->by_reset;
  } else {
    ++(has_peer_closed() ? counts_->after : counts_->first);
  }
}

connection::tls_stream& connection::start_tls(asio::ssl::context& context) {
  tls_ = std::make_unique<tls_stream>(socket_, context);
  return *tls_;
}

std::size_t connection::write_now(std::string_view bytes) {
  if (tls_ || is_shut_down()) return 0;
  const auto sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

std::size_t connection::write_now(std::span<const asio::const_buffer> pieces) {
  if (tls_ || is_shut_down()) return 0;
  std::array<iovec, 8> parts{};
  msghdr what{};
  what.msg_iov = parts.data();
  for (const auto& piece : pieces.first(std::min(pieces.size(), parts.size()))) {
    // The kernel's type is for reading and writing.
    parts[what.msg_iovlen++] = {.iov_base = const_cast<void*>(piece.data()),
                                .iov_len = piece.size()};
  }
  const auto sent = ::sendmsg(socket_.native_handle(), &what, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void connection::set_deadline(time_point at) {
  auto known = deadline_.load(relaxed);
  // In one order with the reminder: who looks at deadlines sees this one, or is reminded of it.
  while (known != overdue &&
         !deadline_.compare_exchange_weak(known, at.time_since_epoch().count())) {
  }
  if (deadlines_ && at != time_point::max()) deadlines_->remind_by(at);
}

void connection::end_if_overdue(time_point now) {
  auto known = deadline_.load();
  if (known == overdue || now < time_point(duration(known))) return;
  // Whoever wins this word decides: a lease that sets another deadline first goes on.
  if (!deadline_.compare_exchange_strong(known, overdue, relaxed)) return;
  shut_down(overdue_text, errc::timed_out);
}

void connection::shut_down(std::string_view why, errc code) {
  if (shut_.exchange(true, std::memory_order_acq_rel)) return;
  why_.store(
      std::make_shared<const error>(error{.code = code, .what = std::string(why), .hint = {}}));
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
}

std::optional<error> connection::why_shut_down() const {
  if (!is_shut_down()) return std::nullopt;
  if (const auto why = why_.load()) return *why;
  // Whoever ends it says that before it says why.
  return error{.code = errc::timed_out, .what = overdue_text, .hint = {}};
}

error connection::why_failed(const boost::system::error_code& code, std::string_view action) const {
  const auto why = why_shut_down();
  return why ? in_step(action, *why) : from_code(code, action);
}

connection::pending connection::peek() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return pending::bytes;
  const bool is_quiet = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (!is_quiet) return pending::end;
  return tls_ ? unread_in(tls_->native_handle()) : pending::nothing;
}

}  // namespace waitstate::client
