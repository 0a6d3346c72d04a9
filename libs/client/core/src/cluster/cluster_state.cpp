#include "cluster/cluster_state.h"

#include <algorithm>

namespace waitstate::client {
namespace {

random_source shared_random(random_source random) {
  return [one = std::make_shared<random_source>(std::move(random))] { return (*one)(); };
}

}  // namespace

cluster::state::state(const cluster_settings& settings, const asio::any_io_executor& executor)
    : probes_in_background(settings.pool.limits.idle_max > 0),
      random(shared_random(settings.random)),
      balance(settings.balance, random),
      budget(settings.retry_budget),
      stopping(std::make_shared<one_shot<bool>>(executor)) {}

std::unique_lock<std::mutex> cluster::state::hold() {
  std::unique_lock held(lock);
  ++times_held;
  while (const auto call = ended.take()) {
    balance.done(call->server, call->latency, call->at);
    if (auto* const m = find(call->server)) {
      ++m->succeeded;
      m->failures.succeeded_as_expected(call->at);
    }
  }
  return held;
}

cluster::member* cluster::state::find(std::uint64_t key) const {
  const auto found = std::ranges::find_if(members, [key](const auto& m) { return m->key == key; });
  return found == members.end() ? nullptr : found->get();
}

cluster::member* cluster::state::find(const endpoint& to) const {
  const auto found =
      std::ranges::find_if(members, [&](const auto& m) { return !m->leaving && m->to == to; });
  return found == members.end() ? nullptr : found->get();
}

bool cluster::state::is_somebody_to_look_after() const {
  return is_incomplete || std::ranges::any_of(members, [](const auto& m) {
           return m->leaving || m->failures.is_unreachable();
         });
}

void cluster::state::refresh(time_point now) {
  if (now < next_refresh) return;
  next_refresh = time_point::max();
  for (const auto& m : members) refresh(*m, now);
}

void cluster::state::refresh(member& m, time_point now) {
  if (m.leaving) return;
  const auto health_now = m.failures.at(now);
  // Half open after failed connects is for the probe in the background.
  const bool may_try =
      m.failures.may_try(now) && !(health_now == health::half_open && m.failures.is_unreachable() &&
                                   running && probes_in_background);
  balance.set_status(m.key, may_try ? node_status::available : node_status::ejected);
  if (health_now == health::dead || health_now == health::probing)
    next_refresh = std::min(next_refresh, m.failures.dead_until());
}

void cluster::state::wait_for_set(const std::shared_ptr<one_shot<bool>>& changed) {
  if (waiting.size() == waiting.capacity()) {
    std::erase_if(waiting, [](const auto& w) { return w.expired(); });
  }
  waiting.push_back(changed);
}

void cluster::state::wake_all() {
  for (const auto& weak : waiting) {
    if (const auto waiter = weak.lock()) waiter->give(true);
  }
  waiting.clear();
}

}  // namespace waitstate::client
