#pragma once

// How cluster::call() and cluster::call_shared() run a call; a part of cluster.h.
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "waitstate/client/core/call_watch.h"
#include "waitstate/client/core/cancellable.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

template <class T>
task<T> cluster::call(call_options options, std::function<task<T>(attempt*)> operation) {
  if (!options.stack) options.stack = stacks_.next();
  if (is_hedged(options)) {
    return cancellable(hedge<T>(shared_from_this(), std::move(options), std::move(operation),
                                carrier::connection));
  }
  return cancellable(repeat<T>(shared_from_this(), std::move(options), std::move(operation),
                               carrier::connection, call_half{}));
}

template <class T>
task<T> cluster::call_shared(call_options options, std::function<task<T>(attempt*)> operation) {
  if (is_hedged(options)) {
    return cancellable(
        hedge<T>(shared_from_this(), std::move(options), std::move(operation), carrier::shared));
  }
  return cancellable(repeat<T>(shared_from_this(), std::move(options), std::move(operation),
                               carrier::shared, call_half{}));
}

template <class T>
task<T> cluster::hedge(std::shared_ptr<cluster> self, call_options options,
                       std::function<task<T>(attempt*)> operation, carrier what) {
  using place = std::shared_ptr<std::optional<result<T>>>;
  const call_place room(*self);
  if (auto refused = room.refusal()) co_return failure(*std::move(refused));
  const auto began = clock::now();
  const auto both = std::make_shared<hedged_call>();
  const std::array<place, 2> got{std::make_shared<std::optional<result<T>>>(),
                                 std::make_shared<std::optional<result<T>>>()};
  const std::function<task<>(std::size_t)> run = [=](std::size_t which) {
    return run_half<T>(self, options, operation, what, {.of = both, .which = which}, got.at(which));
  };
  auto winner = co_await race(self, both, run);
  if (!winner) co_return failure(both->explained(std::move(winner).error()));
  if (const auto was_well = both->was_well.at(*winner)) {
    self->count_call(clock::now() - began, *was_well);
  }
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the half that won has answered
  auto answer = *std::move(*got.at(*winner));
  if (!answer) co_return failure(both->explained(std::move(answer).error()));
  co_return answer;
}

template <class T>
task<> cluster::run_half(std::shared_ptr<cluster> self, call_options options,
                         std::function<task<T>(attempt*)> operation, carrier what, call_half half,
                         std::shared_ptr<std::optional<result<T>>> into) {
  *into = co_await cancellable(repeat<T>(self, options, operation, what, half));
  if (**into) co_return result<>{};
  co_return failure((*into)->error());
}

template <class T>
task<T> cluster::repeat(std::shared_ptr<cluster> self, call_options options,
                        std::function<task<T>(attempt*)> operation, carrier what, call_half half) {
  tried failed_at;
  const auto executor = co_await asio::this_coro::executor;
  acquire_options wanted{.deadline = options.deadline,
                         .where = options.where,
                         .stack = options.stack,
                         .is_repeatable = options.idempotent && options.replayable};
  std::shared_ptr<patience> patient;
  call_watch watch(*self, options, half);
  if (auto refused = watch.refusal()) co_return failure(*std::move(refused));
  auto now = watch.began();
  std::uint32_t number = 1;
  for (bool is_first = half.which == 0;; is_first = false, now = clock::now()) {
    watch.begins(number);
    half.avoid_the_other(failed_at);
    std::optional<first_choice> first;
    result<cluster_lease> got = cluster_lease();
    if (what == carrier::shared) {
      got = co_await pick_elsewhere(self, wanted, &failed_at, is_first);
      now = clock::now();
    } else if (self->take_at_once(first, wanted, failed_at, executor, is_first, now)) {
      got = std::move(first->taken);
    } else {
      const bool is_counted = first.has_value();
      got = co_await acquire_elsewhere(self, wanted, &failed_at, std::move(first),
                                       is_first && !is_counted);
      now = clock::now();
    }
    if (!got) {
      const bool is_cancelled = co_await was_cancelled();
      const auto again = is_cancelled
                             ? std::nullopt
                             : self->try_once_reachable(got.error(), options, wanted, patient);
      watch.explain(got.error(), call_phase::wait);
      if (is_cancelled) co_return failure(std::move(got).error());
      watch.ends(&got.error(), false, !again, now);
      if (!again) co_return failure(std::move(got).error());
      failed_at.clear();
      co_await wait_until(*again);
      continue;
    }
    wanted.deadline = options.deadline;
    if (auto unused = self->why_unused(*got, options, half, now)) {
      watch.explain(*unused, call_phase::wait);
      watch.ends(&*unused, false, true, now);
      co_return failure(*std::move(unused));
    }
    half.is_at(got->member_);
    auto made = self->begin_attempt(*got, number++, options);
    watch.reaches(made);
    auto outcome = co_await operation(&made);
    now = clock::now();
    const bool is_cancelled = !outcome && co_await was_cancelled();
    if (is_cancelled) {
      options.replayable = false;
      made.outcome = call_outcome::unknown;
    }
    if (!outcome) watch.explain(outcome.error(), made);
    const auto* const failed = outcome ? nullptr : &outcome.error();
    const auto again =
        self->try_again(*std::move(got), made, failed, options, failed_at, patient, now);
    if (!is_cancelled) watch.ends(failed, made.outcome != call_outcome::failed, !again, now);
    if (!again) co_return outcome;
    co_await wait_until(*again);
  }
}

}  // namespace waitstate::client
