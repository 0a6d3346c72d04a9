#include "waitstate/client/core/cluster_calls.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cluster/cluster_state.h"
#include "notify.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

/// RFC 8305 calls it the connection attempt delay.
constexpr duration passed_over_after = std::chrono::milliseconds(250);

std::vector<balancer::node_key> joined(std::vector<balancer::node_key> some,
                                       const std::vector<balancer::node_key>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

acquire_options for_a_moment(acquire_options wanted, bool is_last_of_round) {
  const auto moment = is_last_of_round ? 2 * passed_over_after : passed_over_after;
  wanted.deadline = std::min<time_point>(wanted.deadline, clock::now() + moment);
  return wanted;
}

task<lease> fail_with(error why) {
  co_return failure(std::move(why));
}

}  // namespace

void attempt::wrote(std::size_t bytes) {
  if (bytes == 0) return;
  bytes_written = true;
  if (record == nullptr) return;
  record->bytes_sent += bytes;
  record->sent = clock::now();
}

void attempt::read(std::size_t bytes) {
  if (bytes == 0) return;
  const bool is_first = !std::exchange(response_byte_seen, true);
  if (is_first && over != nullptr && *over && call_deadline > deadline) {
    (*over)->set_deadline(call_deadline);
  }
  if (record == nullptr) return;
  record->bytes_received += bytes;
  if (!record->first_byte) record->first_byte = clock::now();
}

task<cluster_lease> cluster::acquire(acquire_options options) {
  if (!options.stack) options.stack = stacks_.next();
  return cancellable(acquire_anywhere(shared_from_this(), std::move(options)));
}

task<cluster_lease> cluster::acquire_anywhere(std::shared_ptr<cluster> self,
                                              acquire_options options) {
  tried failed_at;
  co_return co_await acquire_elsewhere(std::move(self), std::move(options), &failed_at, {}, false);
}

bool cluster::take_at_once(std::optional<first_choice>& first, const acquire_options& options,
                           const tried& failed_at, const asio::any_io_executor& caller,
                           bool begins_call, time_point now) {
  if (options.deadline.is_over(now)) return false;
  auto& begun = first.emplace();
  begun.chosen = choose(failed_at, {}, caller, begins_call, now);
  if (!begun.chosen.connections) return false;
  // Ends the call in the balancer's eyes, whatever happens.
  begun.taken = {shared_from_this(), begun.chosen.key, begun.chosen.is_alive, now};
  begun.taken.over_ = begun.chosen.connections->take_idle(options, now);
  return static_cast<bool>(begun.taken);
}

task<cluster_lease> cluster::acquire_elsewhere(std::shared_ptr<cluster> self,
                                               acquire_options options, tried* failed_at,
                                               std::optional<first_choice> first,
                                               bool begins_call) {
  const auto executor = co_await asio::this_coro::executor;
  std::vector<balancer::node_key> unreachable;
  std::vector<balancer::node_key> passed_over;
  bool is_last_of_round = false;  // all others have failed or were passed over
  bool is_first_round = true;
  error last{.code = errc::unavailable, .what = {}, .hint = {}};
  for (;;) {
    const auto now = clock::now();
    if (options.deadline.is_over(now) && unreachable.empty()) {
      co_return failure(self->why_too_late());
    }
    auto begun = std::exchange(first, std::nullopt);
    const auto chosen =
        begun ? begun->chosen
              : self->choose(is_first_round ? *failed_at : tried(),
                             joined(unreachable, passed_over), executor, begins_call, now);
    begins_call = false;
    if (chosen.changed && co_await one_shot<bool>::take(chosen.changed, options.deadline)) continue;
    if (!chosen.connections) co_return failure(self->why_nobody());

    // Ends the call in the balancer's eyes, whatever happens.
    cluster_lease taken =
        begun ? std::move(begun->taken) : cluster_lease(self, chosen.key, chosen.is_alive, now);
    if (std::ranges::find(unreachable, chosen.key) != unreachable.end()) {
      co_return failure(std::move(last));
    }
    if (!begun) taken.over_ = chosen.connections->take_idle(options, now);
    if (taken.over_) co_return taken;
    // One that nobody is connected to may be an address that leads nowhere, and then another is
    // tried soon (RFC 8305 section 5); what was begun there goes on.
    is_last_of_round = is_last_of_round || !self->is_there_another(joined(
                                               joined(unreachable, passed_over), {chosen.key}));
    const bool is_for_a_moment =
        chosen.connections->metrics().leased == 0 && self->is_there_another({chosen.key});
    const auto wanted = is_for_a_moment ? for_a_moment(options, is_last_of_round) : options;
    auto got = co_await chosen.connections->acquire(wanted);
    if (got) {
      taken.over_ = *std::move(got);
      taken.began_ = clock::now();
      co_return taken;
    }
    taken.report(call_outcome::unknown);
    last = in_step(fmt::format("cluster '{}'", self->name()), std::move(got).error());
    if (options.deadline.is_over() || co_await was_cancelled()) co_return failure(std::move(last));
    if (is_for_a_moment && last.code == errc::timed_out) {
      // The others may be back by now: another round.
      if (std::exchange(is_last_of_round, false)) {
        is_first_round = false;
        unreachable.clear();
      }
      passed_over.push_back(chosen.key);
    } else {
      unreachable.push_back(chosen.key);
      if (is_first_round) failed_at->push_back(chosen.key);
      if (!self->is_there_another(unreachable)) co_return failure(std::move(last));
    }
    if (!self->is_there_another(joined(unreachable, passed_over))) {
      passed_over.clear();
      is_last_of_round = true;
    }
    const auto held = self->state_->hold();
    ++self->state_->counts.failovers;
  }
}

task<cluster_lease> cluster::pick_elsewhere(std::shared_ptr<cluster> self, acquire_options options,
                                            tried* failed_at, bool begins_call) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const auto now = clock::now();
    const auto chosen = self->choose(*failed_at, {}, executor, begins_call, now);
    begins_call = false;
    if (chosen.changed) {
      const auto woken = co_await one_shot<bool>::take(chosen.changed, options.deadline);
      if (woken) continue;
    }
    if (!chosen.connections) co_return failure(self->why_nobody());
    cluster_lease picked(self, chosen.key, chosen.is_alive, now);
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
                                const asio::any_io_executor& caller, bool begins_call,
                                time_point now) {
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
    auto changed = std::make_shared<one_shot<bool>>(caller);
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

error cluster::why_too_late() const {
  return {
      .code = errc::timed_out,
      .what = fmt::format("cluster '{}': the deadline was over before anything was sent", name()),
      .hint = {}};
}

std::optional<error> cluster::why_unused(cluster_lease& over, const call_options& options,
                                         const call_half& half, time_point now) const {
  const bool is_late = options.deadline.is_over(now);
  if (!is_late && !half.is_beside_itself(over.member_)) return std::nullopt;
  if (over) over.over().keep();
  if (is_late) return why_too_late();
  return error{
      .code = errc::unavailable,
      .what = fmt::format("cluster '{}': no other server to make the call at beside", name()),
      .hint = {}};
}

void cluster::count_call(duration took, bool is_well) {
  state_->times.count(took, is_well);
}

error cluster::why_nobody() const {
  const auto held = state_->hold();
  const auto step = fmt::format("cluster '{}'", name());
  if (state_->stopped) {
    return {.code = errc::cancelled, .what = step + ": it was stopped", .hint = {}};
  }
  if (state_->set.why) {
    auto why = in_step(step + ": no endpoint is known", *state_->set.why);
    why.phase = call_phase::resolve;
    return why;
  }
  const bool is_pending = state_->set.state == source_state::pending;
  return {.code = is_pending ? errc::timed_out : errc::unavailable,
          .what = fmt::format("{}: no endpoint is known{}", step,
                              is_pending ? " yet: they are still being looked up" : ""),
          .hint = {},
          .phase = call_phase::resolve};
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
                  std::optional<duration> latency, time_point now) {
  const bool is_expected = was_alive && outcome == call_outcome::ok && latency;
  if (is_expected && state_->ended.put({.server = key, .latency = *latency, .at = now})) {
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
  if (is_ejected) notify(settings_.events.ejected, to, until);
  if (!was_alive && is_alive) notify(settings_.events.revived, to);
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
