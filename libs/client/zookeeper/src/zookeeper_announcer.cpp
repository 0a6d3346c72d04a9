#include "waitstate/client/zookeeper/zookeeper_announcer.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "serverset/membership.h"
#include "waitstate/client/core/io_threads_wait.h"
#include "waitstate/client/internal/one_shot.h"
#include "waitstate/client/zookeeper/serverset_address.h"
#include "zookeeper_backoff.h"
#include "zookeeper_session.h"
#include "zookeeper_wakeup.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using node_kind = zookeeper_session::node_kind;

constexpr duration close_time_max = 10s;  // a dead ensemble must not keep run() for long

/// Does what a membership says, in one strand.
class serverset_announcer final : public zookeeper_announcer,
                                  public std::enable_shared_from_this<serverset_announcer> {
 public:
  serverset_announcer(const asio::any_io_executor& executor, announcer_settings settings)
      : turn_(asio::make_strand(executor)),
        settings_(std::move(settings)),
        data_(to_json(settings_.member)),
        membership_(settings_.path,
                    zookeeper_backoff(settings_.retry_min, settings_.retry_max,
                                      settings_.random ? settings_.random : system_random())),
        wakeup_(turn_) {}

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
      wake_all();
    }
    if (over) over->close();
    asio::post(turn_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->wakeup_.poke();
    });
  }

  announcer_status status() const override {
    const std::scoped_lock held(lock_);
    return status_;
  }

 private:
  using self_ptr = std::shared_ptr<serverset_announcer>;
  using change = std::shared_ptr<one_shot<bool>>;

  /// Closes the session when run() ends in any way, also with its executor.
  struct stopped_at_end {
    self_ptr what;

    explicit stopped_at_end(self_ptr w) : what(std::move(w)) {}
    ~stopped_at_end() { what->stop(); }
    stopped_at_end(const stopped_at_end&) = delete;
    stopped_at_end& operator=(const stopped_at_end&) = delete;
  };

  static asio::awaitable<void> spawned_in_turn(self_ptr self) {
    co_await asio::co_spawn(self->turn_, take_steps(self), asio::use_awaitable);
  }

  static asio::awaitable<void> take_steps(self_ptr self) {
    const stopped_at_end guard(self);
    for (;;) {
      if (self->is_over()) self->membership_.stop();
      const auto step = self->membership_.next(clock::now());
      self->publish();
      switch (step.what) {
        case membership_step::kind::end: co_return;
        case membership_step::kind::wait: co_await self->wakeup_.wait_until(step.until); break;
        case membership_step::kind::open: self->open_session(); break;
        case membership_step::kind::close:
          co_await close_session(self);
          self->membership_.closed(clock::now());
          break;
        default: co_await ask(self, step); break;
      }
      self->publish();
    }
  }

  static asio::awaitable<void> ask(self_ptr self, membership_step step) {
    std::vector<zookeeper_session::pending> asked;
    asked.reserve(step.paths.size());
    for (const auto& path : step.paths) asked.push_back(self->request(step.what, path));
    const auto deadline = clock::now() + 2 * self->settings_.session_timeout;
    std::vector<zookeeper_reply> replies;
    replies.reserve(asked.size());
    for (const auto& pending : asked) {
      replies.push_back(co_await zookeeper_session::take(pending, deadline));
    }
    self->membership_.replied(replies, self->session_->number(), clock::now());
  }

  zookeeper_session::pending request(membership_step::kind what, const std::string& path) {
    const bool is_open = settings_.is_open_to_all;
    switch (what) {
      case membership_step::kind::create_member:
        return session_->create(path, data_, node_kind::ephemeral_sequential, is_open);
      case membership_step::kind::create_parent:
        return session_->create(path, std::string(), node_kind::persistent, is_open);
      case membership_step::kind::exists: return session_->exists(path);
      case membership_step::kind::sync: return session_->sync(path);
      case membership_step::kind::list: return session_->children(path);
      case membership_step::kind::read: return session_->data(path, false);
      case membership_step::kind::remove: return session_->remove(path);
      default: assert(false && "no request"); return nullptr;
    }
  }

  void open_session() {
    const std::scoped_lock held(lock_);
    if (is_stopped_) return;
    zookeeper_session::settings wanted{
        .hosts = settings_.ensemble, .timeout = settings_.session_timeout, .auth = settings_.auth};
    session_ = std::make_shared<zookeeper_session>(
        turn_, std::move(wanted), [weak = weak_from_this()](zookeeper_event event) {
          const auto self = weak.lock();
          if (!self) return;
          self->membership_.happened(std::move(event), clock::now());
          self->publish();
          self->wakeup_.poke();
        });
  }

  static asio::awaitable<void> close_session(self_ptr self) {
    std::shared_ptr<zookeeper_session> over;
    {
      const std::scoped_lock held(self->lock_);
      over = std::exchange(self->session_, nullptr);
    }
    if (!over) co_return;
    over->close();
    co_await zookeeper_session::closed(over, clock::now() + close_time_max);
  }

  /// Tells what is new; nothing is, once it was stopped.
  void publish() {
    if (!membership_.take_news()) return;
    {
      const std::scoped_lock held(lock_);
      if (is_stopped_) return;
      status_ = membership_.status();
      wake_all();
    }
    if (settings_.changed) settings_.changed(membership_.status());
  }

  /// The status as it is now, and `changed` is given with the next one.
  announcer_status status_before(const change& changed) {
    const std::scoped_lock held(lock_);
    std::erase_if(waiting_, [](const auto& w) { return w.expired(); });
    waiting_.push_back(changed);
    return status_;
  }

  void wake_all() {  // with lock_
    for (const auto& weak : waiting_) {
      if (const auto waiter = weak.lock()) waiter->give(true);
    }
    waiting_.clear();
  }

  static task<std::string> wait_for_join(self_ptr self, time_point deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const auto step = "join " + self->settings_.path;
    for (;;) {
      const auto changed = std::make_shared<one_shot<bool>>(executor);
      const auto now = self->status_before(changed);
      if (now.state == announcer_state::joined) co_return now.node;
      if (now.state == announcer_state::left) {
        co_return failure({.code = errc::unavailable, .what = step + ": has left", .hint = {}});
      }
      if (clock::now() >= deadline) {
        const auto why = now.trouble ? now.trouble->what : "no server answers";
        co_return failure(
            {.code = errc::unavailable, .what = fmt::format("{}: {}", step, why), .hint = {}});
      }
      co_await one_shot<bool>::take(changed, deadline);
    }
  }

  static task<> wait_for_leave(self_ptr self, time_point deadline) {
    asio::post(self->turn_, [self] {
      self->membership_.leave();
      self->wakeup_.poke();
    });
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
      const auto changed = std::make_shared<one_shot<bool>>(executor);
      const auto now = self->status_before(changed);
      if (now.state == announcer_state::left) co_return result<>{};
      if (clock::now() >= deadline) {
        self->stop();
        co_return failure(
            {.code = errc::unavailable,
             .what = fmt::format("leave {}: {}", self->settings_.path,
                                 now.trouble ? now.trouble->what : "no answer in time"),
             .hint = "the node goes when its session ends"});
      }
      co_await one_shot<bool>::take(changed, deadline);
    }
  }

  bool is_over() {
    const std::scoped_lock held(lock_);
    return is_stopped_;
  }

  const zookeeper_session::turn turn_;
  const announcer_settings settings_;
  const std::string data_;

  mutable std::mutex lock_;
  announcer_status status_;                             // with lock_
  std::shared_ptr<zookeeper_session> session_;          // set with lock_
  std::vector<std::weak_ptr<one_shot<bool>>> waiting_;  // with lock_
  bool is_stopped_ = false;                             // with lock_

  membership membership_;    // in turn_
  zookeeper_wakeup wakeup_;  // in turn_
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
  return std::make_shared<serverset_announcer>(std::move(executor), std::move(settings));
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

result<std::shared_ptr<zookeeper_announcer>> announce(io_threads& on, announcer_settings settings,
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
