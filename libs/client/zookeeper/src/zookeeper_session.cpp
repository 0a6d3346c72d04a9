#include "zookeeper_session.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace waitstate::client {
namespace {

using event_kind = zookeeper_event::kind;

// The C client would write to stderr without one, and gives it no context.
void say_nothing(const char* /*message*/) {}

event_kind session_event(int state) {
  if (state == ZOO_CONNECTED_STATE || state == ZOO_READONLY_STATE) return event_kind::connected;
  if (state == ZOO_EXPIRED_SESSION_STATE) return event_kind::expired;
  if (state == ZOO_AUTH_FAILED_STATE) return event_kind::auth_failed;
  return event_kind::connecting;
}

}  // namespace

/// Shared with the C client's threads: its address is their context, and it lives until they have
/// ended. Its lock makes sure that nothing is handed to an executor after close().
struct zookeeper_session::core : std::enable_shared_from_this<core> {
  /// A request under way; its address is what the C client gives back with the reply.
  struct request {
    core* at = nullptr;
    pending waiting;
    std::list<request>::iterator self;
  };

  core(turn in_turn, settings s, listener listens)
      : wanted(std::move(s)), strand(std::move(in_turn)), listen(std::move(listens)) {}

  void open_aside() {
    std::thread([self = shared_from_this()] { self->open(); }).detach();
  }

  // Looks names up, so it may block.
  void open() {
    using std::chrono::milliseconds;
    const auto limits = std::pair(milliseconds(1), milliseconds(std::chrono::hours(24)));
    const auto timeout = std::clamp(std::chrono::duration_cast<milliseconds>(wanted.timeout),
                                    limits.first, limits.second);
    zhandle_t* made =
        zookeeper_init2(wanted.hosts.c_str(), on_session, static_cast<int>(timeout.count()),
                        nullptr, this, ZOO_NO_LOG_CLIENTENV, say_nothing);
    const int number = errno;
    std::unique_lock held(lock);
    if (made == nullptr) {
      is_ended = true;
      if (is_open) notify({.what = event_kind::not_opened, .path = {}, .why = not_opened(number)});
      return;
    }
    if (!is_open) {
      held.unlock();
      end(made);
      return;
    }
    handle = made;
    if (early) notify({.what = *early});
    if (const auto& auth = wanted.auth) {
      zoo_add_auth(handle, auth->scheme.c_str(), auth->credentials.data(),
                   static_cast<int>(auth->credentials.size()), on_auth, nullptr);
    }
  }

  [[nodiscard]] error not_opened(int number) const {
    // ENOENT and EINVAL are how it says that no name has an address.
    const bool is_name = number == ENOENT || number == EINVAL;
    auto why = from_errno(is_name ? EHOSTUNREACH : number,
                          fmt::format("connect to zookeeper '{}'", wanted.hosts));
    why.code = errc::unavailable;
    return why;
  }

  // Blocks until the C client's threads have ended.
  void end(zhandle_t* closing) {
    zookeeper_close(closing);
    const std::scoped_lock held(lock);
    is_ended = true;
  }

  // Whatever belongs to the executor goes at once, as the executor may end before the thread does.
  void close() {
    const std::scoped_lock held(lock);
    if (!std::exchange(is_open, false)) return;
    for (auto& one : requests) {
      one.waiting->give({.code = ZCLOSING});
      one.waiting.reset();
    }
    listen = {};
    strand.reset();
    auto* const closing = std::exchange(handle, nullptr);
    if (closing == nullptr) return;
    std::thread([self = shared_from_this(), closing] { self->end(closing); }).detach();
  }

  // With the lock.
  void notify(zookeeper_event event) {
    asio::post(*strand, [self = shared_from_this(), said = std::move(event)]() mutable {
      listener to;
      {
        const std::scoped_lock held(self->lock);
        if (self->is_open) to = self->listen;
      }
      if (to) to(std::move(said));
    });
  }

  template <class Ask>
  pending ask(Ask ask_with) {
    const std::scoped_lock held(lock);
    if (!is_open) return nullptr;
    auto waiting = std::make_shared<one_shot<zookeeper_reply>>(*strand);
    if (handle == nullptr) {
      waiting->give({.code = ZCONNECTIONLOSS});
      return waiting;
    }
    requests.push_front({.at = this, .waiting = waiting});
    requests.front().self = requests.begin();
    if (const int code = ask_with(handle, &requests.front()); code != ZOK) {
      requests.pop_front();
      waiting->give({.code = code});
    }
    return waiting;
  }

  // The C client's threads know no exceptions. One in here means that there is no memory: whoever
  // waits is answered by the deadline, and an event is lost as if the server had not sent it.
  template <class Do>
  static void without_exceptions(Do what) noexcept {
    try {
      what();
    } catch (...) {  // NOLINT(bugprone-empty-catch): see above
    }
  }

  template <class Read>
  static void reply(const void* to, Read read) noexcept {
    const auto* const one = static_cast<const request*>(to);
    auto* const at = one->at;
    zookeeper_reply what{.code = ZSYSTEMERROR};
    without_exceptions([&] { what = read(); });
    const std::scoped_lock held(at->lock);
    without_exceptions([&] {
      if (at->is_open) one->waiting->give(std::move(what));
    });
    at->requests.erase(one->self);
  }

  static void on_session(zhandle_t* /*zh*/, int type, int state, const char* /*path*/,
                         void* context) noexcept {
    auto* const at = static_cast<core*>(context);
    if (type != ZOO_SESSION_EVENT) return;
    const std::scoped_lock held(at->lock);
    if (!at->is_open) return;
    if (at->handle == nullptr) {
      at->early = session_event(state);  // told when requests can be made
    } else {
      without_exceptions([&] { at->notify({.what = session_event(state)}); });
    }
  }

  static void on_node(zhandle_t* /*zh*/, int type, int /*state*/, const char* path,
                      void* context) noexcept {
    auto* const at = static_cast<core*>(context);
    if (type == ZOO_SESSION_EVENT) return;
    const std::scoped_lock held(at->lock);
    if (!at->is_open) return;
    without_exceptions([&] {
      at->notify({.what = type == ZOO_DELETED_EVENT ? event_kind::deleted : event_kind::changed,
                  .path = path == nullptr ? "" : path});
    });
  }

  static void on_auth(int /*code*/, const void* /*data*/) {}  // a session event says it, too

  static void on_children(int code, const String_vector* names, const Stat* found,
                          const void* to) noexcept {
    reply(to, [=] { return children_reply(code, names, found); });
  }

  static void on_data(int code, const char* value, int size, const Stat* found,
                      const void* to) noexcept {
    reply(to, [=] { return data_reply(code, value, size, found); });
  }

  static void on_stat(int code, const Stat* found, const void* to) noexcept {
    reply(to, [=] { return stat_reply(code, found); });
  }

  static void on_text(int code, const char* text, const void* to) noexcept {
    reply(to, [=] { return text_reply(code, text); });
  }

  static void on_done(int code, const void* to) noexcept {
    reply(to, [=] { return zookeeper_reply{.code = code}; });
  }

  const settings wanted;
  std::mutex lock;  // for all below
  std::optional<turn> strand;
  listener listen;
  std::list<request> requests;
  zhandle_t* handle = nullptr;
  std::optional<event_kind> early;
  bool is_open = true;
  bool is_ended = false;
};

zookeeper_session::zookeeper_session(turn in_turn, settings s, listener listen)
    : core_(std::make_shared<core>(std::move(in_turn), std::move(s), std::move(listen))) {
  core_->open_aside();
}

zookeeper_session::~zookeeper_session() {
  close();
}

void zookeeper_session::close() {
  core_->close();
}

zookeeper_session::pending zookeeper_session::children(const std::string& path) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    return zoo_awget_children2(zh, path.c_str(), core::on_node, one->at, core::on_children, one);
  });
}

zookeeper_session::pending zookeeper_session::data(const std::string& path, bool is_watched) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    return zoo_awget(zh, path.c_str(), is_watched ? core::on_node : nullptr, one->at, core::on_data,
                     one);
  });
}

zookeeper_session::pending zookeeper_session::exists(const std::string& path) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    return zoo_awexists(zh, path.c_str(), core::on_node, one->at, core::on_stat, one);
  });
}

zookeeper_session::pending zookeeper_session::create(const std::string& path,
                                                     const std::string& data, node_kind kind,
                                                     bool is_open_to_all) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    const bool is_persistent = kind == node_kind::persistent;
    return zoo_acreate(zh, path.c_str(), data.data(), static_cast<int>(data.size()),
                       is_open_to_all ? &ZOO_OPEN_ACL_UNSAFE : &ZOO_CREATOR_ALL_ACL,
                       is_persistent ? ZOO_PERSISTENT : ZOO_EPHEMERAL_SEQUENTIAL, core::on_text,
                       one);
  });
}

zookeeper_session::pending zookeeper_session::remove(const std::string& path) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    return zoo_adelete(zh, path.c_str(), -1, core::on_done, one);
  });
}

zookeeper_session::pending zookeeper_session::sync(const std::string& path) {
  return core_->ask([&](zhandle_t* zh, core::request* one) {
    return zoo_async(zh, path.c_str(), core::on_text, one);
  });
}

std::int64_t zookeeper_session::number() const {
  const std::scoped_lock held(core_->lock);
  return core_->handle == nullptr ? 0 : zoo_client_id(core_->handle)->client_id;
}

asio::awaitable<zookeeper_reply> zookeeper_session::take(pending from, time_point deadline) {
  if (!from) co_return zookeeper_reply{.code = ZCLOSING};
  auto said = co_await one_shot<zookeeper_reply>::take(from, deadline);
  if (!said) co_return zookeeper_reply{.code = ZOPERATIONTIMEOUT};
  co_return *std::move(said);
}

asio::awaitable<void> zookeeper_session::closed(std::shared_ptr<zookeeper_session> self,
                                                time_point deadline) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (; clock::now() < deadline; timer.expires_after(std::chrono::milliseconds(5))) {
    co_await timer.async_wait(as_value);
    const std::scoped_lock held(self->core_->lock);
    if (self->core_->is_ended) co_return;
  }
}

error from_zookeeper(int code, std::string_view action) {
  errc kind = errc::unavailable;
  if (code == ZNONODE) kind = errc::not_found;
  if (code == ZNOAUTH || code == ZAUTHFAILED || code == ZINVALIDACL) kind = errc::permission;
  if (code == ZBADARGUMENTS) kind = errc::invalid_input;
  if (code == ZMARSHALLINGERROR) {
    return {.code = errc::corrupt,
            .what = fmt::format("{}: the answer breaks ZooKeeper's format", action),
            .hint = {}};
  }
  return {.code = kind, .what = fmt::format("{}: {}", action, zerror(code)), .hint = {}};
}

}  // namespace waitstate::client
