// What is tried again, and when: the rules, applied to a call.
#include "waitstate/client/core/call_rules.h"

#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "cluster/call_race.h"
#include "cluster/cluster_state.h"
#include "cluster/patience.h"
#include "cluster/retry_rule.h"
#include "notify.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/dialer.h"

namespace waitstate::client {

attempt cluster::begin_attempt(cluster_lease& over, std::uint32_t number,
                               const call_options& options) {
  const auto& rule = settings_.retries;
  const bool may_follow = options.idempotent && options.replayable && number < rule.attempts_max;
  time_point deadline = options.deadline;
  if (may_follow && rule.attempt_time_max.count() > 0) {
    deadline = std::min(deadline, saturating_add(clock::now(), rule.attempt_time_max));
  }
  if (over) over->set_deadline(deadline);
  state_->attempts.fetch_add(1, std::memory_order_relaxed);
  return {.over = over ? &over.over() : nullptr,
          .to = over.to_,
          .number = number,
          .deadline = deadline,
          .call_deadline = options.deadline};
}

bool cluster::take_retry(time_point now) {
  const auto held = state_->hold();
  if (!state_->budget.take(now)) {
    ++state_->counts.retries_over_budget;
    return false;
  }
  ++state_->counts.retries;
  return true;
}

std::optional<time_point> cluster::next_try(const call_options& options,
                                            std::shared_ptr<patience>& patient, time_point now) {
  if (!options.idempotent || !options.replayable) return std::nullopt;
  if (!patient) patient = std::make_shared<patience>(settings_.retries, now);
  double share = 0;
  {
    const auto held = state_->hold();
    share = random_share(state_->random);
  }
  return patient->next_try(options.deadline, now, share);
}

std::optional<time_point> cluster::try_once_reachable(error& why, const call_options& options,
                                                      acquire_options& wanted,
                                                      std::shared_ptr<patience>& patient) {
  const bool may_come_back = why.code == errc::refused || why.code == errc::reset ||
                             why.code == errc::unreachable || why.code == errc::timed_out ||
                             is_own_shortage(why);
  const auto now = clock::now();
  const auto again = may_come_back ? next_try(options, patient, now) : std::nullopt;
  if (!again || !take_retry(now)) {
    if (patient) why = patient->met_first(why);
    return std::nullopt;
  }
  patient->meets(why);
  wanted.deadline = std::min<time_point>(options.deadline, patient->ends());
  return again;
}

task<std::size_t> cluster::race(std::shared_ptr<cluster> self, std::shared_ptr<hedged_call> both,
                                std::function<task<>(std::size_t)> run) {
  const auto after = self->settings_.retries.hedge_after;
  const std::function<bool()> may_begin = [self, both] {
    const auto now = clock::now();
    const auto& taken = both->been_at[0];
    {
      const auto held = self->state_->hold();
      self->state_->refresh(now);
      // One that still waits for a connection has a server, too.
      const auto others = self->state_->balance.available(taken);
      if (others < (taken.empty() ? 2 : 1)) return false;
    }
    if (!self->take_retry(now)) return false;
    ++both->halves;
    const auto held = self->state_->hold();
    ++self->state_->counts.hedges;
    return true;
  };
  return waitstate::client::race(after, may_begin, std::move(run));
}

asio::awaitable<void> cluster::wait_until(time_point at) {
  if (clock::now() >= at) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, at);
  co_await timer.async_wait(as_value);
}

std::optional<time_point> cluster::try_again(cluster_lease over, const attempt& made,
                                             const error* failed, const call_options& options,
                                             tried& failed_at, std::shared_ptr<patience>& patient,
                                             time_point now) {
  const auto key = over.member_;
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
  const auto ended_with = made.outcome.value_or(outcome);
  if (failed == nullptr) {
    over.give_back(ended_with, now);
    return std::nullopt;
  }
  const auto to = over ? over.to() : made.to;
  over.give_back(ended_with, now);

  // Where there was no connection at all, the same server is not worth another try.
  facts.reused = facts.reused || (made.over == nullptr && made.bytes_written);
  failed_at.push_back(key);
  facts.elsewhere = is_there_another(failed_at);
  const time_point deadline = options.deadline;
  std::optional<time_point> again;
  const auto verdict = decide_retry(facts, settings_.retries, deadline, now);
  if (verdict == retry_verdict::retry) again = saturating_add(now, made.again_after);
  if (verdict == retry_verdict::new_connection) again = next_try(options, patient, now);
  if (!again || *again >= deadline || !take_retry(now)) return std::nullopt;
  notify(settings_.events.retried, to, *failed, made.number);
  return again;
}

}  // namespace waitstate::client
