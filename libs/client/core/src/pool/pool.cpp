#include "waitstate/client/core/pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "net/per_executor.h"
#include "net/watcher.h"
#include "pool/ledger_entry.h"
#include "pool/pool_core.h"
#include "pool/pool_dials.h"
#include "pool/pool_housekeeping.h"
#include "pool/pool_shared.h"
#include "waitstate/base/text.h"
#include "waitstate/client/core/cancellable.h"
#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr duration believed_for = std::chrono::milliseconds(1);
constexpr int useless_max = 3;  // new connections that one caller finds dead before it gives up

/// Takes a waiter out of the queue however its coroutine ends.
class queued {
 public:
  queued(pool_core& core, std::shared_ptr<pool_core::waiter> w) : core_(core), w_(std::move(w)) {}
  queued(const queued&) = delete;
  queued& operator=(const queued&) = delete;
  ~queued() { leave(); }

  /// False when the answer is given already, or is being given on another thread.
  bool leave() { return core_.withdraw(w_); }

 private:
  pool_core& core_;
  const std::shared_ptr<pool_core::waiter> w_;
};

}  // namespace

struct pool::state {
  state(asio::any_io_executor executor, endpoint to, pool_settings settings,
        std::shared_ptr<capacity> room)
      : shared(std::move(executor), std::move(to), std::move(settings), std::move(room)),
        dials(shared),
        housekeeping(shared, dials),
        stacks(shared.settings.stack_every),
        stopping(std::make_shared<one_shot<bool>>(shared.executor)) {}

  static lease lease_of(std::shared_ptr<pool> from, granted_lease granted) {
    return {std::move(from), granted.id,
            std::static_pointer_cast<connection>(std::move(granted.what)), granted.reused};
  }

  pool_shared shared;
  pool_core& core = shared.core;
  pool_dials dials;
  pool_housekeeping housekeeping;
  stack_sampler stacks;
  const std::shared_ptr<one_shot<bool>> stopping;
  std::atomic<bool> watches{false};
};

result<std::shared_ptr<pool>> pool::make(asio::any_io_executor executor, endpoint to,
                                         pool_settings settings, capacity& shared) {
  // Shares nothing: the caller keeps it.
  return make(std::move(executor), std::move(to), std::move(settings),
              std::shared_ptr<capacity>(std::shared_ptr<capacity>(), &shared));
}

result<std::shared_ptr<pool>> pool::make(asio::any_io_executor executor, endpoint to,
                                         pool_settings settings, std::shared_ptr<capacity> shared) {
  if (settings.limits.connections_max == 0 || settings.limits.connections_max > 65'536) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("pool '{}': connections_max is {}, it must be 1 to 65,536",
                                        to_string(to), settings.limits.connections_max),
                    .hint = {}});
  }
  auto watching = per_executor<watcher>::of(executor);
  if (!watching) return failure(std::move(watching).error());
  std::shared_ptr<pool> made(new pool(std::make_unique<state>(
      std::move(executor), std::move(to), std::move(settings), std::move(shared))));
  auto& parts = *made->state_;
  parts.shared.watching = *std::move(watching);
  const std::weak_ptr weak(made);
  if (auto wired = parts.housekeeping.wire(weak); !wired) return failure(wired.error());
  auto told = std::make_shared<watcher::handlers>();
  told->closed = [weak](const auto& closed) {
    if (const auto self = weak.lock()) self->state_->housekeeping.peer_closed(closed);
  };
  told->bytes = [weak](const auto& spoken_to) {
    if (const auto self = weak.lock()) self->state_->housekeeping.bytes_came(spoken_to);
  };
  parts.dials.wire({.owner = weak,
                    .ready =
                        [&parts](const auto& connected) {
                          parts.housekeeping.close_if_dead(connected);
                          parts.housekeeping.look_soon(clock::now());
                        },
                    .told = std::move(told)});
  return made;
}

pool::pool(std::unique_ptr<state> made) : state_(std::move(made)) {}

pool::~pool() = default;

asio::awaitable<void> pool::run() {
  // What is spawned may begin only after everybody else has let go.
  return [](std::shared_ptr<pool> self) -> asio::awaitable<void> {
    auto& parts = *self->state_;
    parts.watches = true;
    parts.shared.watching->start();
    parts.housekeeping.start();
    if (!parts.shared.stopped) {
      co_await one_shot<bool>::take(parts.stopping, time_point::max());
    }
    parts.housekeeping.stop();
    parts.shared.watching->stop();
  }(shared_from_this());
}

void pool::stop() {
  if (state_->shared.stopped.exchange(true)) return;
  drain();
  state_->dials.stop();
  state_->stopping->give(true);
}

task<lease> pool::acquire(acquire_options options) {
  // Here and not in the coroutine, which may begin on another thread.
  if (!options.stack) options.stack = state_->stacks.next();
  return cancellable(acquire_for(shared_from_this(), std::move(options)));
}

lease pool::take_idle(const acquire_options& options, time_point now) {
  while (auto idle = state_->core.try_acquire(now, options.where, options.stack)) {
    const bool was_just_used =
        options.is_repeatable && !settings().looks_always && now - idle->idle_since < believed_for;
    auto taken = state::lease_of(shared_from_this(), *std::move(idle));
    // Bytes that nobody asked for, or an end that the watcher has not seen yet.
    if (was_just_used && !taken->is_tls() ? is_at_its_end(taken) : !is_clean(taken)) continue;
    state_->dials.connection_was_good();
    state_->housekeeping.look_soon(now);
    return taken;
  }
  return {};
}

task<lease> pool::acquire_for(std::shared_ptr<pool> self, acquire_options options) {
  const auto began = clock::now();
  auto& parts = *state_;
  if (options.deadline.is_over()) co_return failure(why_no_connection(began, options.deadline));
  for (int useless = 0; useless < useless_max;) {
    if (auto idle = take_idle(options)) co_return idle;

    const auto granted = std::make_shared<one_shot<lease>>(co_await asio::this_coro::executor);
    const auto waiter = std::make_shared<pool_core::waiter>();
    waiter->where = options.where;
    waiter->stack = options.stack;
    waiter->granted = [self, granted](granted_lease given) {
      granted->give(given.what ? state::lease_of(self, std::move(given)) : lease());
    };
    queued place(parts.core, waiter);
    const auto first = parts.core.acquire(clock::now(), waiter);
    if (first.what == pool_core::outcome::refused) co_return failure(why_refused());
    std::optional<lease> got;
    if (first.what == pool_core::outcome::leased) {
      got = state::lease_of(self, first.lease);
    } else {
      parts.dials.start();
      parts.housekeeping.look_soon(clock::now());
      got = co_await one_shot<lease>::take(granted, options.deadline);
      if (!got && !place.leave()) got = co_await one_shot<lease>::take(granted, time_point::max());
    }
    if (!got || !*got) break;
    // Where each connection is one caller's from the beginning, what is said first is said to it.
    const bool is_for_one = settings().limits.requests_max == 1 && settings().limits.idle_max == 0;
    if (!(is_for_one && (*got)->peek() == connection::pending::bytes) && !is_clean(*got)) {
      // A server that accepts and hangs up, or speaks first: dialing it again at once, as often as
      // the deadline allows, would be a storm of connections.
      if (!got->is_reused() && ++useless == useless_max) parts.dials.new_ones_are_useless();
      continue;
    }
    parts.dials.connection_was_good();
    parts.housekeeping.look_soon(clock::now());
    co_return *std::move(got);
  }
  parts.dials.start();
  co_return failure(why_no_connection(began, options.deadline));
}

bool pool::is_at_its_end(const lease& granted) {
  return granted->has_peer_closed() || granted->is_shut_down();
}

bool pool::is_clean(const lease& granted) {
  auto& what = *granted;
  if (is_at_its_end(granted)) return false;
  // A TLS server sends session tickets unasked on a new connection.
  if (what.is_tls() && !granted.is_reused()) return true;
  const auto pending = what.peek();
  if (pending == connection::pending::bytes) what.count_unasked();
  return pending == connection::pending::nothing;
}

error pool::why_refused() const {
  const auto& core = state_->core;
  if (core.is_draining()) {
    return {.code = errc::cancelled,
            .what = fmt::format("pool '{}': it is closing", to_string(to())),
            .hint = {}};
  }
  return {.code = errc::overloaded,
          .what = fmt::format("pool '{}': overloaded: {} wait already", to_string(to()),
                              grouped(core.waiting())),
          .hint = {},
          .phase = call_phase::wait};
}

error pool::why_no_connection(time_point began, time_point deadline) const {
  const auto& core = state_->core;
  if (core.is_draining()) return why_refused();
  auto failed = state_->dials.last_failure();
  const auto name = to_string(to());
  const auto use = fmt::format("{} of {} in use, {} wait", core.in_use(),
                               settings().limits.connections_max, core.waiting());
  const bool is_full = core.leased() >= settings().limits.connections_max;
  const auto now = clock::now();
  if (failed && now < deadline) {
    failed->what += fmt::format(" (pool '{}': {})", name, use);
    return *std::move(failed);
  }
  if (now < deadline) {
    return {.code = errc::cancelled,
            .what = fmt::format("pool '{}': given up without a connection: {}", name, use),
            .hint = {},
            .phase = call_phase::wait};
  }
  const auto waited = elapsed(std::chrono::ceil<std::chrono::milliseconds>(now - began));
  const auto last = failed ? fmt::format(", last failure: {}", failed->what) : std::string();
  return {.code = errc::timed_out,
          .what = fmt::format("pool '{}': timed out after {} without a connection: {}{}", name,
                              waited, use, last),
          .hint = failed ? failed->hint : std::string(),
          .cause = failed ? failed->cause : std::error_code(),
          .phase = failed    ? failed->phase
                   : is_full ? call_phase::wait
                             : call_phase::connect};
}

bool pool::is_current(lease_id id) const {
  return state_->core.is_current(id);
}

void pool::give_back(lease_id id, const connection_ptr& what, bool reusable, time_point now) {
  auto& core = state_->core;
  what->set_deadline(time_point::max());
  bool clean = reusable && !what->is_shut_down() && !what->has_peer_closed();
  // It would go straight to the first waiter.
  if (clean && core.waiting() > 0) clean = !what->is_dirty();
  const auto how = core.give_back(id, clean, now);
  if (how == pool_core::returned::kept) {
    state_->housekeeping.close_if_dead(what);
  } else {
    state_->shared.let_go(*what);
  }
  if (how != pool_core::returned::kept || core.waiting() > 0) state_->dials.start();
  state_->housekeeping.came_back(id);
}

std::vector<ledger_entry> pool::leases() const {
  const auto now = clock::now();
  std::vector<ledger_entry> entries;
  for (const auto& record : state_->core.leases()) entries.push_back(entry_of(to(), record, now));
  return entries;
}

bool pool::reclaim(lease_id id) {
  return state_->housekeeping.reclaim(id, reclaim_reason::ordered);
}

void pool::rebuild() {
  state_->housekeeping.rebuild();
}

void pool::reach_at(const std::vector<endpoint>& addresses) {
  state_->housekeeping.reach_at(addresses);
}

void pool::drain() {
  const auto how = settings().expire_with;
  for (const auto& idle : state_->core.drain()) state_->shared.close(idle, how);
  while (const auto waiting = state_->core.take_waiter()) waiting->granted({});
}

void pool::prewarm(std::uint32_t connections) {
  state_->core.prewarm(connections);
  dial_if_wanted();
  state_->housekeeping.look_soon(clock::now());
}

void pool::dial_if_wanted() {
  state_->dials.start();
}

bool pool::evict_oldest_idle() {
  return state_->housekeeping.evict_oldest_idle();
}

void pool::learn_idle_limit(duration limit) {
  state_->housekeeping.learn_idle_limit(limit);
}

std::optional<duration> pool::idle_limit_learned() const {
  return state_->housekeeping.idle_limit_learned();
}

bool pool::wants_room() const {
  return state_->core.wants_room();
}

std::optional<time_point> pool::oldest_idle_since() const {
  return state_->core.oldest_idle_since();
}

pool_metrics pool::metrics() const {
  return state_->core.metrics();
}

const close_counts& pool::closes() const {
  return *state_->shared.closes;
}

const endpoint& pool::to() const {
  return state_->shared.to;
}

const pool_settings& pool::settings() const {
  return state_->shared.settings;
}

asio::any_io_executor pool::executor() const {
  return state_->shared.executor;
}

}  // namespace waitstate::client
