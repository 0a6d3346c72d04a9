#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include <openssl/ssl.h>

namespace waitstate::client {

/// The TLS sessions of the connections to one server, so that the next handshake costs no
/// certificate and half the time. A server's ticket of TLS 1.3 is used once, as RFC 8446 section
/// C.4 wants it.
///
/// Any thread may call any member.
class tls_sessions : public std::enable_shared_from_this<tls_sessions> {
 public:
  static constexpr std::size_t kept_max = 16;

  /// Before the handshake: resumes a session if there is one, and keeps those that the server
  /// gives. Nothing when whoever made the context keeps sessions of their own.
  void prepare(SSL* tls);
  /// After it.
  void has_shaken_hands(SSL* tls);

  [[nodiscard]] std::size_t size() const;

 private:
  struct freed {
    void operator()(SSL_SESSION* s) const { ::SSL_SESSION_free(s); }
  };
  using session = std::unique_ptr<SSL_SESSION, freed>;

  static bool is_ours(SSL_CTX* context);
  static int keep_new(SSL* tls, SSL_SESSION* given);
  void keep(session s);

  mutable std::mutex lock_;
  std::deque<session> sessions_;
  const SSL_CTX* made_in_ = nullptr;  // sessions of another context are of no use
};

}  // namespace waitstate::client
