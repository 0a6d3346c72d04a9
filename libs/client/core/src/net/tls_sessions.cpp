#include "net/tls_sessions.h"

#include <tuple>
#include <utility>

namespace waitstate::client {
namespace {

using owner = std::weak_ptr<tls_sessions>;

void forget_owner(void* /*tls*/, void* kept, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*argl*/,
                  void* /*argp*/) {
  delete static_cast<owner*>(kept);
}

/// Where an SSL keeps whose sessions it brings.
int owner_index() {
  static const int index =
      ::CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, forget_owner);
  return index;
}

}  // namespace

/// Makes a context tell of its sessions; false when it tells somebody else already.
bool tls_sessions::is_ours(SSL_CTX* context) {
  static std::mutex asking;  // many pools may share a context
  const std::scoped_lock held(asking);
  const auto known = ::SSL_CTX_sess_get_new_cb(context);
  if (known != nullptr) return known == &keep_new;
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  ::SSL_CTX_sess_set_new_cb(context, &keep_new);
  return true;
}

int tls_sessions::keep_new(SSL* tls, SSL_SESSION* given) {
  const auto* const whose = static_cast<const owner*>(::SSL_get_ex_data(tls, owner_index()));
  const auto to = whose != nullptr ? whose->lock() : nullptr;
  if (!to) return 0;  // OpenSSL keeps what is its own
  to->keep(session(given));
  return 1;
}

void tls_sessions::keep(session s) {
  if (::SSL_SESSION_is_resumable(s.get()) != 1) return;
  const std::scoped_lock held(lock_);
  if (sessions_.size() == kept_max) sessions_.pop_front();
  sessions_.push_back(std::move(s));
}

void tls_sessions::prepare(SSL* tls) {
  auto* const context = ::SSL_get_SSL_CTX(tls);
  if (!is_ours(context)) return;
  auto whose = std::make_unique<owner>(weak_from_this());
  if (::SSL_set_ex_data(tls, owner_index(), whose.get()) == 1) std::ignore = whose.release();
  session last;
  {
    const std::scoped_lock held(lock_);
    if (std::exchange(made_in_, context) != context) sessions_.clear();
    if (sessions_.empty()) return;
    last = std::move(sessions_.back());
    sessions_.pop_back();
  }
  ::SSL_set_session(tls, last.get());
}

void tls_sessions::has_shaken_hands(SSL* tls) {
  // Of TLS 1.2 a session serves as often as the server likes, and none may come in its place.
  if (::SSL_session_reused(tls) == 1 && ::SSL_version(tls) < TLS1_3_VERSION) {
    keep(session(::SSL_get1_session(tls)));
  }
}

std::size_t tls_sessions::size() const {
  const std::scoped_lock held(lock_);
  return sessions_.size();
}

}  // namespace waitstate::client
