#include "waitstate/client/zookeeper/zookeeper_announcer.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <cassert>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/client/zookeeper/serverset_address.h"
#include "zookeeper_backoff.h"
#include "zookeeper_nudge.h"
#include "zookeeper_session.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using happening = zookeeper_event::kind;
using node_kind = zookeeper_session::node_kind;

constexpr std::string_view member_prefix = "member_";

class serverset_membership final : public zookeeper_announcer,
                                   public std::enable_shared_from_this<serverset_membership> {
 public:
  serverset_membership(const asio::any_io_executor& executor, announcer_settings settings)
      : turn_(asio::make_strand(executor)),
        settings_(std::move(settings)),
        data_(to_json(settings_.member)),
        backoff_(settings_.retry_min, settings_.retry_max,
                 settings_.random ? settings_.random : system_random()),
        nudge_(turn_) {}

  asio::awaitable<void> run() override { return spawned_in_turn(shared_from_this()); }

  task<std::string> joined(time_point deadline) override {
    return wait_for_join(shared_from_this(), deadline);
  }

  task<> leave(time_point deadline) override {
    return wait_for_leave(shared_from_this(), deadline);
  }

  void stop() override {
    std::shared_ptr<zookeeper_session> over;
    {
      const std::scoped_lock held(lock_);
      if (std::exchange(is_stopped_, true)) return;
      over = session_;
      status_.state = announcer_state::left;
      status_.node.clear();
    }
    if (over) over->close();
    asio::post(turn_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->nudge_.poke();
    });
  }

  announcer_status status() const override {
    const std::scoped_lock held(lock_);
    return status_;
  }

 private:
  using self_ptr = std::shared_ptr<serverset_membership>;

  /// Closes the session when run() ends in any way, also with its executor.
  struct stopped_at_end {
    self_ptr what;

    explicit stopped_at_end(self_ptr w) : what(std::move(w)) {}
    ~stopped_at_end() { what->stop(); }
    stopped_at_end(const stopped_at_end&) = delete;
    stopped_at_end& operator=(const stopped_at_end&) = delete;
  };

  static asio::awaitable<void> spawned_in_turn(self_ptr self) {
    co_await asio::co_spawn(self->turn_, stay_joined(self), asio::use_awaitable);
  }

  static asio::awaitable<void> stay_joined(self_ptr self) {
    const stopped_at_end guard(self);
    while (self->open_session()) {
      co_await serve(self);
      co_await close_session(self);
      const auto next_at = clock::now() + self->backoff_.next();
      while (!self->is_over() && clock::now() < next_at) co_await self->nudge_.wait_until(next_at);
    }
  }

  /// One session: joins when it can, leaves when it shall.
  static asio::awaitable<void> serve(self_ptr self) {
    while (!self->is_over() && !self->is_session_over_) {
      const bool may_try = self->is_connected_ && clock::now() >= self->try_at_;
      if (may_try && self->shall_leave()) {
        if (co_await remove_node(self)) co_return;
      } else if (may_try && !self->is_sure_) {
        co_await join(self);
      } else {
        const auto at = self->is_connected_ && !self->is_sure_ ? self->try_at_ : time_point::max();
        co_await self->nudge_.wait_until(at);
      }
    }
  }

  bool open_session() {
    const std::scoped_lock held(lock_);
    if (is_stopped_ || (leaving_ && node_.empty())) return false;
    is_session_over_ = is_connected_ = is_sure_ = may_own_one_ = false;
    try_at_ = time_point::min();
    zookeeper_session::settings wanted{
        .hosts = settings_.ensemble, .timeout = settings_.session_timeout, .auth = settings_.auth};
    session_ = std::make_shared<zookeeper_session>(
        turn_, std::move(wanted), [weak = weak_from_this()](zookeeper_event event) {
          if (const auto self = weak.lock()) self->on(std::move(event));
        });
    return true;
  }

  static asio::awaitable<void> close_session(self_ptr self) {
    std::shared_ptr<zookeeper_session> over;
    {
      const std::scoped_lock held(self->lock_);
      over = std::exchange(self->session_, nullptr);
    }
    over->close();
    co_await zookeeper_session::closed(over, clock::now() + 10s);
    self->node_.clear();
    self->is_sure_ = false;
  }

  void on(zookeeper_event event) {
    switch (event.what) {
      case happening::connecting:
        is_connected_ = false;
        trouble(from_zookeeper(ZCONNECTIONLOSS, "session"), is_sure_);
        break;
      case happening::connected:
        is_connected_ = true;
        backoff_.reset();
        try_at_ = time_point::min();
        if (is_sure_) tell(announcer_state::joined);
        break;
      case happening::expired:
      case happening::auth_failed:
      case happening::not_opened: {
        is_session_over_ = true;
        const int code = event.what == happening::expired ? ZSESSIONEXPIRED : ZAUTHFAILED;
        trouble(event.why ? *std::move(event.why) : from_zookeeper(code, "session"), false);
        break;
      }
      case happening::changed: break;
      case happening::deleted:
        if (event.path != node_ || shall_leave()) break;
        is_sure_ = false;
        node_.clear();
        trouble({.code = errc::not_found,
                 .what = fmt::format("{} was removed by somebody else", event.path),
                 .hint = {}},
                false);
        try_at_ = clock::now() + backoff_.next();
        break;
    }
    nudge_.poke();
  }

  static asio::awaitable<void> join(self_ptr self) {
    const auto& path = self->settings_.path;
    if (self->may_own_one_ && !co_await find_own(self)) co_return;
    if (self->node_.empty()) {
      // From here on until the answer there may be a node that we do not know of.
      self->may_own_one_ = true;
      const auto made = co_await self->take(
          self->session_->create(fmt::format("{}/{}", path, member_prefix), self->data_,
                                 node_kind::ephemeral_sequential, self->settings_.is_open_to_all));
      const bool is_refused = made.code < ZAPIERROR && made.code != ZSESSIONEXPIRED;
      if (made.code == ZOK || is_refused) self->may_own_one_ = false;
      if (made.code == ZNONODE) {
        co_await make_parents(self);
        co_return;
      }
      if (made.code != ZOK) co_return self->try_later(made.code, "join " + path);
      self->node_ = made.text;
    }
    const auto there = co_await self->take(self->session_->exists(self->node_));
    if (there.code == ZNONODE) {
      self->node_.clear();
      co_return self->try_later(there.code, "join " + path);
    }
    if (there.code != ZOK) co_return self->try_later(there.code, "join " + path);
    self->is_sure_ = true;
    self->backoff_.reset();
    self->tell(announcer_state::joined);
  }

  /// Looks for the node of a request whose answer was lost. More than one cannot be, but would be
  /// removed. False when ZooKeeper could not be asked.
  static asio::awaitable<bool> find_own(self_ptr self) {
    const auto& path = self->settings_.path;
    // The server that we are at now may not have heard of the node yet.
    const auto synced = co_await self->take(self->session_->sync(path));
    auto listed = co_await self->take(self->session_->children(path));
    if (synced.code != ZOK && synced.code != ZNONODE) listed.code = synced.code;
    if (listed.code != ZOK && listed.code != ZNONODE) {
      self->try_later(listed.code, "read " + path);
      co_return false;
    }
    std::vector<std::pair<std::string, zookeeper_session::pending>> asked;
    for (const auto& name : listed.children) {
      if (!name.starts_with(member_prefix)) continue;
      auto at = fmt::format("{}/{}", path, name);
      auto reply = self->session_->data(at, false);
      asked.emplace_back(std::move(at), std::move(reply));
    }
    self->node_.clear();
    for (auto& [at, pending] : asked) {
      const auto reply = co_await self->take(pending);
      if (reply.code == ZNONODE) continue;
      if (reply.code != ZOK) {
        self->node_.clear();
        self->try_later(reply.code, "read " + at);
        co_return false;
      }
      if (reply.owner != self->session_->number()) continue;
      if (!self->node_.empty()) (void)co_await self->take(self->session_->remove(self->node_));
      self->node_ = at;
    }
    self->may_own_one_ = false;
    co_return true;
  }

  static asio::awaitable<void> make_parents(self_ptr self) {
    const auto& path = self->settings_.path;
    for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
      const auto parent = path.substr(0, end);
      const auto made = co_await self->take(self->session_->create(
          parent, std::string(), node_kind::persistent, self->settings_.is_open_to_all));
      // Without the right to make the upper ones they may be there all the same.
      const bool is_there = made.code == ZOK || made.code == ZNODEEXISTS;
      const bool is_last = end == path.npos;
      if (!is_there && (is_last || made.code != ZNOAUTH)) {
        co_return self->try_later(made.code, "make " + parent);
      }
      if (is_last) co_return;
    }
  }

  /// True when there is no node any more.
  static asio::awaitable<bool> remove_node(self_ptr self) {
    if (self->may_own_one_ && !co_await find_own(self)) co_return false;
    if (!self->node_.empty()) {
      const auto gone = co_await self->take(self->session_->remove(self->node_));
      if (gone.code != ZOK && gone.code != ZNONODE) {
        self->try_later(gone.code, "remove " + self->node_);
        co_return false;
      }
    }
    self->node_.clear();
    self->tell(announcer_state::left);
    co_return true;
  }

  static task<std::string> wait_for_join(self_ptr self, time_point deadline) {
    auto timer = asio::steady_timer(co_await asio::this_coro::executor);
    for (;;) {
      const auto now = self->status();
      if (now.state == announcer_state::joined) co_return now.node;
      const auto step = "join " + self->settings_.path;
      if (now.state == announcer_state::left) {
        co_return failure({.code = errc::unavailable, .what = step + ": has left", .hint = {}});
      }
      if (clock::now() >= deadline) {
        const auto why = now.trouble ? now.trouble->what : "no server answers";
        co_return failure(
            {.code = errc::unavailable, .what = fmt::format("{}: {}", step, why), .hint = {}});
      }
      timer.expires_at(std::min(deadline, clock::now() + 5ms));
      co_await timer.async_wait(as_value);
    }
  }

  static task<> wait_for_leave(self_ptr self, time_point deadline) {
    {
      const std::scoped_lock held(self->lock_);
      self->leaving_ = true;
    }
    asio::post(self->turn_, [self] { self->nudge_.poke(); });
    auto timer = asio::steady_timer(co_await asio::this_coro::executor);
    while (self->status().state != announcer_state::left) {
      if (clock::now() >= deadline) {
        const auto why = self->status().trouble;
        self->stop();
        co_return failure({.code = errc::unavailable,
                           .what = fmt::format("leave {}: {}", self->settings_.path,
                                               why ? why->what : "no answer in time"),
                           .hint = "the node goes when its session ends"});
      }
      timer.expires_at(std::min(deadline, clock::now() + 5ms));
      co_await timer.async_wait(as_value);
    }
    co_return result<>{};
  }

  asio::awaitable<zookeeper_reply> take(zookeeper_session::pending from) {
    return zookeeper_session::take(std::move(from), clock::now() + 2 * settings_.session_timeout);
  }

  void try_later(int code, std::string_view action) {
    try_at_ = clock::now() + backoff_.next();
    trouble(from_zookeeper(code, action), false);
  }

  void trouble(error why, bool is_member) {
    announcer_status now;
    {
      const std::scoped_lock held(lock_);
      if (is_stopped_) return;
      status_.trouble = std::move(why);
      if (!is_member) {
        status_.state = announcer_state::joining;
        status_.node.clear();
      }
      now = status_;
    }
    if (settings_.changed) settings_.changed(now);
  }

  void tell(announcer_state state) {
    announcer_status now;
    {
      const std::scoped_lock held(lock_);
      if (is_stopped_) return;
      const bool is_new = state == announcer_state::joined && status_.node != node_;
      status_.joins += is_new ? 1 : 0;
      status_.state = state;
      status_.node = node_;
      status_.trouble.reset();
      now = status_;
    }
    if (settings_.changed) settings_.changed(now);
  }

  bool shall_leave() {
    const std::scoped_lock held(lock_);
    return leaving_;
  }
  bool is_over() {
    const std::scoped_lock held(lock_);
    return is_stopped_;
  }

  const zookeeper_session::turn turn_;
  const announcer_settings settings_;
  const std::string data_;

  mutable std::mutex lock_;
  announcer_status status_;                     // with lock_
  std::shared_ptr<zookeeper_session> session_;  // set with lock_
  bool is_stopped_ = false;                     // with lock_
  bool leaving_ = false;                        // with lock_

  // In turn_.
  zookeeper_backoff backoff_;
  zookeeper_nudge nudge_;
  bool is_connected_ = false;
  bool is_session_over_ = false;
  std::string node_;
  bool is_sure_ = false;      // node_ is there, and watched
  bool may_own_one_ = false;  // an answer was lost
  time_point try_at_{};
};

failure unusable(std::string_view why, const announcer_settings& settings) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("announce at '{}': {}", settings.path, why),
                  .hint = {}});
}

}  // namespace

std::string_view to_string(announcer_state s) {
  switch (s) {
    case announcer_state::joining: return "joining";
    case announcer_state::joined: return "joined";
    case announcer_state::left: return "left";
  }
  assert(false && "unknown state");
  return {};
}

result<std::shared_ptr<zookeeper_announcer>> zookeeper_announcer::make(
    asio::any_io_executor executor, announcer_settings settings) {
  const auto address =
      parse_serverset_address(fmt::format("zk2!{}!{}", settings.ensemble, settings.path));
  if (!address) return failure(in_step("announce", address.error()));
  if (address->ensembles.size() != 1) return unusable("one ensemble at a time", settings);
  settings.ensemble = address->ensembles.front();
  const auto& at = settings.member.service;
  if (at.host.empty() || at.is_unix() || at.port == 0) {
    return unusable("the member has no host and port", settings);
  }
  if (!parse_serverset_member(to_json(settings.member))) {
    return unusable("the member is over 1 MiB or no UTF-8", settings);
  }
  if (!settings.is_open_to_all && !settings.auth) {
    return unusable("nodes that are not open to all need credentials", settings);
  }
  return std::make_shared<serverset_membership>(std::move(executor), std::move(settings));
}

result<announcer_settings> announce_at(std::string_view address, endpoint at) {
  auto parsed = parse_announce_address(address);
  if (!parsed) return failure(std::move(parsed).error());
  announcer_settings settings{.path = parsed->path};
  if (parsed->ensembles.size() != 1) return unusable("one ensemble at a time", settings);
  settings.ensemble = parsed->ensembles.front();
  settings.member.shard = parsed->shard;
  if (parsed->endpoint_name) settings.member.additional.emplace(*parsed->endpoint_name, at);
  settings.member.service = std::move(at);
  return settings;
}

result<std::shared_ptr<zookeeper_announcer>> announce(client& on, announcer_settings settings,
                                                      time_point deadline) {
  auto made = zookeeper_announcer::make(on.executor(), std::move(settings));
  if (!made) return made;
  on.run((*made)->run(), [announcer = *made] { announcer->stop(); });
  auto joined = on.wait((*made)->joined(deadline));
  if (joined) return made;
  (*made)->stop();
  return failure(std::move(joined).error());
}

}  // namespace waitstate::client
