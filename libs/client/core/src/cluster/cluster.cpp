#include "waitstate/client/core/cluster.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "cluster/cluster_state.h"
#include "net/per_executor.h"
#include "notify.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// How often those are looked after that cannot be reached or have left.
constexpr duration round_time = 100ms;

}  // namespace

result<std::shared_ptr<cluster>> cluster::make(asio::any_io_executor executor,
                                               std::shared_ptr<endpoint_source> source,
                                               cluster_settings settings,
                                               std::shared_ptr<capacity> shared) {
  const auto wrong = [&settings](std::string_view what) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("cluster '{}': {}", settings.name, what),
                    .hint = {}});
  };
  if (!source) return wrong("no endpoint source");
  const auto per_server = settings.pool.limits.connections_max;
  if (per_server == 0 || per_server > 65'536) {
    return wrong(fmt::format("connections_max is {}, it must be 1 to 65,536", per_server));
  }
  if (settings.retries.attempts_max == 0) return wrong("attempts_max is 0, it must be 1 or more");
  if (settings.balance.latency_decay.count() <= 0 || settings.failures.success_rate_window < 1s ||
      settings.retry_budget.window < 1s) {
    return wrong("latency_decay must be over 0, the windows 1 s or more");
  }
  if (!settings.random) settings.random = system_random();
  if (!shared) shared = std::make_shared<capacity>();
  std::shared_ptr<cluster> made(
      new cluster(std::move(executor), std::move(source), std::move(settings), std::move(shared)));
  auto timer = per_executor<shared_timer>::of(made->executor_);
  if (!timer) return failure(std::move(timer).error());
  made->state_->rounds =
      (*timer)->make_reminder([weak = std::weak_ptr(made), on = made->executor_](time_point now) {
        // The timer's executor may be another one of the same context.
        asio::dispatch(on, [weak, now] {
          if (const auto self = weak.lock()) self->keep_house(now);
        });
      });
  made->shared_->when_there_is_room(made->state_->alive,
                                    [weak = std::weak_ptr(made), on = made->executor_] {
                                      asio::post(on, [weak] {
                                        if (const auto self = weak.lock())
                                          self->serve_the_starved();
                                      });
                                    });
  made->source_->subscribe(made->state_->alive, [weak = std::weak_ptr(made)](const auto& set) {
    if (const auto self = weak.lock()) self->use(set);
  });
  return made;
}

cluster::cluster(asio::any_io_executor executor, std::shared_ptr<endpoint_source> source,
                 cluster_settings settings, std::shared_ptr<capacity> shared)
    : executor_(std::move(executor)),
      source_(std::move(source)),
      settings_(std::move(settings)),
      shared_(std::move(shared)),
      stacks_(settings_.pool.stack_every),
      state_(std::make_unique<state>(settings_, executor_)) {}

cluster::~cluster() = default;

asio::awaitable<void> cluster::run() {
  // What is spawned may begin only after everybody else has let go.
  return [](std::shared_ptr<cluster> self) -> asio::awaitable<void> {
    co_await self->run_until_stopped();
  }(shared_from_this());
}

asio::awaitable<void> cluster::run_until_stopped() {
  {
    const auto held = state_->hold();
    if (state_->stopped || state_->running) co_return;
    state_->running = true;
    for (const auto& m : state_->members) {
      asio::co_spawn(executor_, m->connections->run(), asio::detached);
    }
  }
  asio::co_spawn(executor_, source_->run(), asio::detached);
  keep_house_soon(clock::now());
  co_await one_shot<bool>::take(state_->stopping, time_point::max());
}

void cluster::keep_house(time_point now) {
  {
    const auto held = state_->hold();
    if (state_->stopped) return;
  }
  probe_the_dead(now);
  let_go();
  keep_house_soon(now);
}

/// If there is anything to do: a cluster whose servers are well wakes nobody.
void cluster::keep_house_soon(time_point now) {
  {
    const auto held = state_->hold();
    if (!state_->running || state_->stopped || !state_->is_somebody_to_look_after()) return;
  }
  state_->rounds->remind_by(rounded_up(now + round_time / 2, round_time));
}

void cluster::stop() {
  source_->stop();
  std::vector<std::shared_ptr<pool>> pools;
  {
    const auto held = state_->hold();
    state_->stopped = true;
    for (const auto& m : state_->members) pools.push_back(m->connections);
    state_->wake_all();
  }
  for (const auto& p : pools) p->stop();
  state_->rounds->forget();
  state_->stopping->give(true);
}

void cluster::use(const endpoint_set& set) {
  std::vector<std::shared_ptr<pool>> added;
  std::vector<std::shared_ptr<pool>> removed;
  std::vector<std::pair<std::shared_ptr<pool>, std::vector<endpoint>>> reached_at;
  bool is_running = false;
  {
    const auto held = state_->hold();
    if (state_->stopped || set.generation < state_->set.generation) return;
    state_->set = set;
    for (const auto& m : state_->members) {
      const auto still = std::ranges::find(set.endpoints, m->to, &weighted_endpoint::at);
      if (m->leaving || still != set.endpoints.end()) continue;
      m->leaving = true;
      state_->balance.remove(m->key);
      removed.push_back(m->connections);
    }
    for (const auto& entry : set.endpoints) {
      auto* known = state_->find(entry.at);
      if (known == nullptr) {
        const auto key = ++state_->last_key;
        auto connections = make_pool(key, entry.at);
        if (!connections) continue;
        connections->reach_at(entry.addresses);
        added.push_back(connections);
        state_->members.push_back(
            std::make_unique<member>(key, entry.at, std::move(connections),
                                     failure_detector(settings_.failures, state_->random)));
        known = state_->members.back().get();
      } else if (!entry.addresses.empty()) {
        reached_at.emplace_back(known->connections, entry.addresses);
      }
      known->weight = entry.weight;
      state_->balance.add(known->key, entry.weight);
    }
    is_running = state_->running;
    state_->wake_all();
  }
  for (const auto& p : added) {
    if (is_running) asio::co_spawn(executor_, p->run(), asio::detached);
    if (settings_.prewarm > 0) p->prewarm(settings_.prewarm);
  }
  for (const auto& p : removed) p->drain();
  for (const auto& [p, addresses] : reached_at) p->reach_at(addresses);
  keep_house_soon(clock::now());
  notify(settings_.events.endpoints_changed, set);
}

/// Null when this machine has no descriptor left for it; tried again in the next round.
std::shared_ptr<pool> cluster::make_pool(std::uint64_t key, const endpoint& to) {
  auto settings = settings_.pool;
  settings.stack_every = 0;  // they are taken where the call comes in
  const auto weak = weak_from_this();
  settings.events.connected = [weak, key, next = settings.events.connected] {
    if (const auto self = weak.lock()) self->connect_ended(key, true);
    if (next) next();
  };
  settings.events.dial_failed = [weak, key, next = settings.events.dial_failed](const error& why) {
    const auto self = weak.lock();
    if (self && !is_own_shortage(why)) self->connect_ended(key, false);
    if (next) next(why);
  };
  settings.make_room = [weak] {
    const auto self = weak.lock();
    return self && self->make_room();
  };
  auto made = pool::make(executor_, to, std::move(settings), shared_);
  if (made) return *std::move(made);
  state_->set.why = std::move(made).error();
  state_->is_incomplete = true;
  return nullptr;
}

/// A server that could not be connected to is probed by a connect, so that no call has to.
void cluster::probe_the_dead(time_point now) {
  std::vector<std::shared_ptr<pool>> to_probe;
  {
    const auto held = state_->hold();
    for (const auto& m : state_->members) {
      if (m->leaving || !m->failures.is_unreachable()) continue;
      const auto health_now = m->failures.at(now);
      // It found no room: again.
      if (health_now == health::probing && now >= m->probe_ends) m->failures.abandoned();
      if (health_now != health::half_open || !state_->probes_in_background) continue;
      m->failures.started(now);
      m->probe_ends = now + 2 * settings_.pool.dial.connect_time_max;
      state_->refresh(*m, now);
      to_probe.push_back(m->connections);
    }
  }
  for (const auto& p : to_probe) {
    if (shared_->limit() > 0 && shared_->used() >= shared_->limit()) make_room();
    p->prewarm(1);
  }
}

/// Forgets the servers that are gone once their last lease is back.
void cluster::let_go() {
  std::vector<std::unique_ptr<member>> gone;
  endpoint_set again;
  bool is_incomplete = false;
  {
    const auto held = state_->hold();
    const auto is_over = [](const auto& m) {
      return m->leaving && m->connections->metrics().connections == 0;
    };
    for (auto& m : state_->members) {
      if (!is_over(m)) continue;
      add(state_->gone, m->connections->metrics().counts);
      gone.push_back(std::move(m));
    }
    std::erase(state_->members, nullptr);
    is_incomplete = std::exchange(state_->is_incomplete, false);
    again = state_->set;
  }
  for (const auto& m : gone) m->connections->stop();
  if (is_incomplete) use(again);
}

bool cluster::make_room() {
  // Somebody may have come in line after the asking pool had all the dials that it wanted.
  if (shared_->limit() == 0 || shared_->used() < shared_->limit()) return true;
  return evict_oldest_idle() || (settings_.make_room && settings_.make_room());
}

std::optional<time_point> cluster::oldest_idle_since() const {
  std::optional<time_point> oldest;
  for (const auto& p : pools()) {
    const auto since = p->oldest_idle_since();
    if (since && (!oldest || *since < *oldest)) oldest = since;
  }
  return oldest;
}

bool cluster::evict_oldest_idle() {
  const auto all = pools();
  const auto since = [](const auto& p) {
    return p->oldest_idle_since().value_or(time_point::max());
  };
  const auto best = std::ranges::min_element(all, {}, since);
  if (best == all.end() || !(*best)->evict_oldest_idle()) return false;
  const auto held = state_->hold();
  ++state_->counts.evicted;
  return true;
}

/// In turn, so that a busy server does not take all the room that is made.
void cluster::serve_the_starved() {
  auto all = pools();
  if (all.empty()) return;
  const auto turn = state_->starved_turn.fetch_add(1) % all.size();
  std::ranges::rotate(all, all.begin() + static_cast<std::ptrdiff_t>(turn));
  for (const auto& p : all) {
    if (p->wants_room()) p->dial_if_wanted();
  }
}

endpoint_set cluster::endpoints() const {
  const auto held = state_->hold();
  return state_->set;
}

std::vector<ledger_entry> cluster::leases() const {
  std::vector<ledger_entry> all;
  for (const auto& p : pools()) {
    for (auto& entry : p->leases()) all.push_back(std::move(entry));
  }
  std::ranges::sort(all, std::ranges::greater{}, &ledger_entry::out_for);
  return all;
}

bool cluster::reclaim(const endpoint& to, lease_id id) {
  return std::ranges::any_of(pools(),
                             [&](const auto& p) { return p->to() == to && p->reclaim(id); });
}

void cluster::rebuild() {
  for (const auto& p : pools()) p->rebuild();
}

void cluster::learn_idle_limit(const endpoint& to, duration limit) {
  for (const auto& p : pools()) {
    if (p->to() == to) p->learn_idle_limit(limit);
  }
}

std::vector<std::shared_ptr<pool>> cluster::pools() const {
  std::vector<std::shared_ptr<pool>> all;
  const auto held = state_->hold();
  for (const auto& m : state_->members) all.push_back(m->connections);
  return all;
}

}  // namespace waitstate::client
