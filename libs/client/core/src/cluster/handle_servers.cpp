#include "waitstate/client/core/handle_servers.h"

#include <mutex>
#include <utility>

#include "cluster/balancer.h"
#include "cluster/failure_detector.h"

namespace waitstate::client {

struct handle_servers::state {
  state(const balancer_settings& by, const random_source& random) : balance(by, random) {}

  void refresh(std::size_t which, time_point now) {
    const bool may_try = detectors[which].may_try(now);
    balance.set_status(which, may_try ? node_status::available : node_status::ejected);
  }

  mutable std::mutex lock;
  balancer balance;                         // a server's key is its number
  std::vector<failure_detector> detectors;  // of each
};

handle_servers::handle_servers(std::size_t count, const balancer_settings& balance,
                               const failure_settings& failures, random_source random)
    : state_(std::make_unique<state>(balance, random)) {
  state_->detectors.reserve(count);
  for (std::size_t which = 0; which < count; ++which) {
    state_->balance.add(which, 1);
    state_->detectors.emplace_back(failures, random);
  }
}

handle_servers::~handle_servers() = default;

std::size_t handle_servers::next(const std::vector<std::uint64_t>& tried) {
  const std::scoped_lock held(state_->lock);
  const auto now = clock::now();
  for (std::size_t which = 0; which < state_->detectors.size(); ++which) {
    state_->refresh(which, now);
  }
  const auto which = static_cast<std::size_t>(state_->balance.pick(tried, now).value_or(0));
  state_->detectors[which].started(now);
  return which;
}

void handle_servers::gave_none(std::size_t which, const error& why) {
  const std::scoped_lock held(state_->lock);
  const auto now = clock::now();
  state_->balance.done(which, std::nullopt, now);
  if (why.phase == call_phase::wait) {
    state_->detectors[which].abandoned();
  } else {
    state_->detectors[which].connect_failed(now);
  }
}

void handle_servers::gave(std::size_t which, bool is_new) {
  if (!is_new) return;
  const std::scoped_lock held(state_->lock);
  state_->detectors[which].connected(clock::now());
}

void handle_servers::ended(std::size_t which, call_outcome outcome,
                           std::optional<duration> latency) {
  const std::scoped_lock held(state_->lock);
  const auto now = clock::now();
  auto& detector = state_->detectors[which];
  state_->balance.done(which, outcome == call_outcome::ok ? latency : std::nullopt, now);
  switch (outcome) {
    case call_outcome::ok: detector.succeeded(now); break;
    case call_outcome::failed: detector.failed(now); break;
    case call_outcome::unknown: detector.abandoned(); break;
  }
}

health handle_servers::state_of(std::size_t which) const {
  const std::scoped_lock held(state_->lock);
  return state_->detectors[which].at(clock::now());
}

}  // namespace waitstate::client
