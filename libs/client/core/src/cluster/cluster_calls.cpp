#include "waitstate/client/core/cluster_calls.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cluster/cluster_state.h"
#include "cluster/retry_rule.h"
#include "tell.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/internal/answer.h"

namespace waitstate::client {
namespace {

task<lease> fail_with(error why) {
  co_return failure(std::move(why));
}

}  // namespace

task<cluster_lease> cluster::acquire(acquire_options options) {
  if (!options.stack) options.stack = stacks_.next();
  return acquire_elsewhere(shared_from_this(), std::move(options),
                           std::make_shared<std::vector<balancer::node_key>>(), false);
}

task<cluster_lease> cluster::acquire_elsewhere(std::shared_ptr<cluster> self,
                                               acquire_options options, tried failed_at,
                                               bool begins_call) {
  const auto executor = co_await asio::this_coro::executor;
  std::vector<balancer::node_key> unreachable;
  error last{.code = errc::unavailable, .what = {}, .hint = {}};
  for (;;) {
    const auto chosen = self->choose(*failed_at, unreachable, executor, begins_call);
    begins_call = false;
    if (chosen.changed) {
      const auto woken = co_await answer<bool>::take(chosen.changed, options.deadline);
      if (woken) continue;
    }
    if (!chosen.connections) co_return failure(self->why_nobody());

    // Ends the call in the balancer's eyes, whatever happens.
    cluster_lease taken(self, chosen.key, chosen.is_alive);
    if (std::ranges::find(unreachable, chosen.key) != unreachable.end()) {
      co_return failure(std::move(last));
    }
    // Without a coroutine for the usual case.
    taken.over_ = chosen.connections->take_idle(options);
    if (taken.over_) co_return taken;
    auto got = co_await chosen.connections->acquire(options);
    if (got) {
      taken.over_ = *std::move(got);
      taken.began_ = clock::now();
      co_return taken;
    }
    taken.report(call_outcome::unknown);
    unreachable.push_back(chosen.key);
    last = in_step(fmt::format("cluster '{}'", self->name()), std::move(got).error());
    if (clock::now() >= options.deadline || !self->is_there_another(unreachable)) {
      co_return failure(std::move(last));
    }
    failed_at->push_back(chosen.key);
    const auto held = self->state_->hold();
    ++self->state_->counts.failovers;
  }
}

task<cluster_lease> cluster::pick_elsewhere(std::shared_ptr<cluster> self, acquire_options options,
                                            tried failed_at, bool begins_call) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const auto chosen = self->choose(*failed_at, {}, executor, begins_call);
    begins_call = false;
    if (chosen.changed) {
      const auto woken = co_await answer<bool>::take(chosen.changed, options.deadline);
      if (woken) continue;
    }
    if (!chosen.connections) co_return failure(self->why_nobody());
    cluster_lease picked(self, chosen.key, chosen.is_alive);
    picked.to_ = chosen.connections->to();
    co_return picked;
  }
}

task<lease> cluster::lease_at(endpoint to, acquire_options options) {
  std::shared_ptr<pool> connections;
  {
    const auto held = state_->hold();
    if (const auto* const m = state_->find(to)) connections = m->connections;
  }
  return connections ? connections->acquire(std::move(options)) : fail_with(no_such_server(to));
}

error cluster::no_such_server(const endpoint& to) const {
  return {.code = errc::not_found,
          .what = fmt::format("cluster '{}': no server '{}' in it", name(), to_string(to)),
          .hint = {}};
}

cluster::choice cluster::choose(const std::vector<balancer::node_key>& failed_at,
                                const std::vector<balancer::node_key>& unreachable,
                                const asio::any_io_executor& caller, bool begins_call) {
  const auto now = clock::now();
  const auto held = state_->hold();
  if (begins_call) {
    ++state_->counts.calls;
    state_->budget.call_started(now);
  }
  if (state_->stopped) return {};
  state_->refresh(now);
  if (state_->balance.size() == 0) {
    const bool is_hopeless = settings_.fail_while_unknown && state_->set.why;
    if (state_->set.state != source_state::pending || is_hopeless) return {};
    auto changed = std::make_shared<answer<bool>>(caller);
    state_->wait_for_set(changed);
    return {.key = 0, .is_alive = false, .connections = nullptr, .changed = std::move(changed)};
  }
  if (state_->balance.is_all_ejected()) ++state_->counts.opened_to_all;
  auto avoid = failed_at;
  avoid.insert(avoid.end(), unreachable.begin(), unreachable.end());
  const auto key = state_->balance.pick(avoid, now);
  auto* const m = key ? state_->find(*key) : nullptr;
  if (m == nullptr) return {};
  m->failures.started(now);
  state_->refresh(*m, now);
  return {.key = m->key,
          .is_alive = m->failures.at(now) == health::alive,
          .connections = m->connections,
          .changed = nullptr};
}

bool cluster::is_there_another(const std::vector<balancer::node_key>& unreachable) const {
  const auto held = state_->hold();
  return std::ranges::any_of(state_->members, [&](const auto& m) {
    return !m->leaving && std::ranges::find(unreachable, m->key) == unreachable.end();
  });
}

error cluster::why_nobody() const {
  const auto held = state_->hold();
  const auto& why = state_->set.why;
  const auto* const what = state_->stopped ? "it was stopped" : "no endpoint is known";
  return {.code = errc::unavailable,
          .what = fmt::format("cluster '{}': {}{}{}", name(), what, why ? ": " : "",
                              why ? why->what : std::string()),
          .hint = why ? why->hint : std::string()};
}

attempt cluster::begin_attempt(cluster_lease& over, std::uint32_t number,
                               const call_options& options) {
  if (over) over->set_deadline(options.deadline);
  state_->attempts.fetch_add(1, std::memory_order_relaxed);
  return {.over = over ? &over.over() : nullptr,
          .to = over.to_,
          .number = number,
          .deadline = options.deadline};
}

bool cluster::try_again(cluster_lease over, const attempt& made, const error* failed,
                        const call_options& options, const tried& failed_at) {
  const auto now = clock::now();
  const auto key = over.member_;
  const auto to = over ? over.to() : made.to;  // an operation that succeeded may have taken it
  attempt_facts facts{.attempt = made.number,
                      .reused = over.over().is_reused(),
                      .bytes_written = made.bytes_written,
                      .response_byte_seen = made.response_byte_seen,
                      .idempotent = options.idempotent,
                      .replayable = options.replayable,
                      .refused = made.refused};
  auto outcome = failed == nullptr ? call_outcome::ok : call_outcome::failed;
  // A connection that went stale while it was idle says nothing about the server.
  if (failed != nullptr && over && facts.reused && !facts.response_byte_seen &&
      !over->is_shut_down() && (over->has_peer_closed() || over->is_dirty())) {
    outcome = call_outcome::unknown;
  }
  over.give_back(made.outcome.value_or(outcome));
  if (failed == nullptr) return false;

  // Where there was no connection at all, the same server is not worth another try.
  facts.reused = facts.reused || (made.over == nullptr && made.bytes_written);
  failed_at->push_back(key);
  facts.elsewhere = is_there_another(*failed_at);
  if (decide_retry(facts, settings_.retries, options.deadline, now) != retry_verdict::retry) {
    return false;
  }
  {
    const auto held = state_->hold();
    if (!state_->budget.take(now)) {
      ++state_->counts.retries_over_budget;
      return false;
    }
    ++state_->counts.retries;
  }
  tell(settings_.events.retried, to, *failed, made.number);
  return true;
}

void cluster::report(const endpoint& to, call_outcome outcome, std::optional<duration> latency) {
  std::optional<std::uint64_t> key;
  {
    const auto held = state_->hold();
    if (const auto* const m = state_->find(to)) key = m->key;
  }
  if (key) judge(*key, outcome, latency, false);
}

void cluster::end(std::uint64_t key, bool was_alive, call_outcome outcome,
                  std::optional<duration> latency) {
  const bool is_expected = was_alive && outcome == call_outcome::ok && latency;
  if (is_expected && state_->ended.put({.server = key, .latency = *latency, .at = clock::now()})) {
    return;
  }
  judge(key, outcome, latency, true);
}

template <class Change>
void cluster::change_health(std::uint64_t key, time_point now, const Change& change) {
  endpoint to;
  bool was_alive = false;
  bool is_alive = false;
  bool is_ejected = false;
  time_point until;
  {
    const auto held = state_->hold();
    auto* const m = state_->find(key);
    if (m == nullptr) return;
    was_alive = m->failures.at(now) == health::alive;
    const auto ejections = m->failures.ejections();
    change(*m);
    is_alive = m->failures.at(now) == health::alive;
    is_ejected = m->failures.ejections() != ejections;
    if (is_ejected) ++state_->counts.ejections;
    until = m->failures.dead_until();
    state_->refresh(*m, now);
    if (is_ejected || is_alive != was_alive) to = m->to;
  }
  if (!is_alive) keep_house_soon(now);
  if (is_ejected) tell(settings_.events.ejected, to, until);
  if (!was_alive && is_alive) tell(settings_.events.revived, to);
}

void cluster::judge(std::uint64_t key, call_outcome outcome, std::optional<duration> latency,
                    bool was_picked) {
  const auto now = clock::now();
  change_health(key, now, [&](member& m) {
    if (was_picked) {
      // A failure that was quicker than the answers are must not make the server look good.
      const bool is_flattering = outcome == call_outcome::failed && latency &&
                                 *latency < state_->balance.latency(key, now);
      state_->balance.done(key, is_flattering ? std::nullopt : latency, now);
    }
    if (outcome == call_outcome::ok) {
      ++m.succeeded;
      m.failures.succeeded(now);
    } else if (outcome == call_outcome::failed) {
      ++m.failed;
      m.failures.failed(now);
    } else if (was_picked) {
      m.failures.abandoned();
    }
  });
}

void cluster::connect_ended(std::uint64_t key, bool is_connected) {
  const auto now = clock::now();
  change_health(key, now, [&](member& m) {
    is_connected ? m.failures.connected(now) : m.failures.connect_failed(now);
  });
}

}  // namespace waitstate::client
