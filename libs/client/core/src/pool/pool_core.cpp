#include "pool/pool_core.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace waitstate::client {

pool_core::pool_core(const pool_limits& limits, capacity& shared)
    : limits_(limits),
      shared_(shared),
      slots_(limits.connections_max),
      idle_(limits.connections_max),
      lifetimes_(limits) {
  assert(limits.connections_max > 0 && limits.connections_max <= 65'536);
  vacant_.reserve(slots_.size());
  for (auto at = limits.connections_max; at > 0; --at) vacant_.push_back(at - 1);
}

std::optional<granted_lease> pool_core::try_acquire(time_point now, std::source_location where,
                                                    std::shared_ptr<const call_stack> stack) {
  const std::scoped_lock held(lock_);
  const auto at = idle_.newest();
  if (at == none) return std::nullopt;
  idle_.take(at);
  std::optional<granted_lease> granted(std::in_place);
  begin_lease(at, now, where, std::move(stack), *granted);
  return granted;
}

pool_core::acquired pool_core::acquire(time_point now, const std::shared_ptr<waiter>& w) {
  const std::scoped_lock held(lock_);
  if (const auto at = idle_.newest(); at != none) {
    idle_.take(at);
    acquired got{.what = outcome::leased, .lease = {}};
    begin_lease(at, now, w->where, w->stack, got.lease);
    return got;
  }
  if (draining_ || waiters_.size() >= limits_.waiters_max) {
    ++counts_.refused;
    return {.what = outcome::refused, .lease = {}};
  }
  ++counts_.waits;
  w->place_ = waiters_.insert(waiters_.end(), w);
  waiting_ = waiters_.size();
  return {.what = outcome::waiting, .lease = {}};
}

bool pool_core::withdraw(const std::shared_ptr<waiter>& w) {
  const std::scoped_lock held(lock_);
  if (!w->place_) return false;
  waiters_.erase(*w->place_);
  waiting_ = waiters_.size();
  w->place_.reset();
  ++counts_.withdrawn;
  return true;
}

std::shared_ptr<pool_core::waiter> pool_core::pop_waiter() {
  auto first = std::move(waiters_.front());
  waiters_.pop_front();
  waiting_ = waiters_.size();
  first->place_.reset();
  return first;
}

pool_core::returned pool_core::end_lease(lease_id lease, how_used use, bool is_fine,
                                         time_point now) {
  std::optional<grant> granted;
  auto how = returned::closed;
  {
    const std::scoped_lock held(lock_);
    auto& s = slots_[lease.slot];
    const bool is_check = use == how_used::checked;
    if (is_check) --checking_;
    if (!s.word.end(lease.generation, slot_state::leased, slot_state::closing)) {
      ++counts_.late_returns;
      return returned::late;
    }
    --leased_;
    ++counts_.returns;
    if (is_check) s.checked_at = now;
    if (is_check && !is_fine) ++counts_.checks_failed;
    if (is_fine) {
      how = keep(lease.slot, is_check ? idle_.since(lease.slot) : now, now, granted);
    } else {
      make_vacant(lease.slot);
    }
  }
  if (granted) granted->to->granted(std::move(granted->lease));
  return how;
}

pool_core::returned pool_core::keep(std::uint32_t at, time_point since, time_point now,
                                    std::optional<grant>& granted) {
  if (!draining_ && !is_worn_out(slots_[at], now)) {
    granted = grant_to_first(at, now);
    if (granted) return returned::kept;
    if (idle_.size() < limits_.idle_max) {
      push_idle(at, since);
      return returned::kept;
    }
  }
  make_vacant(at);
  return returned::closed;
}

std::optional<granted_lease> pool_core::take_unchecked(time_point before, time_point now,
                                                       std::source_location where) {
  const std::scoped_lock held(lock_);
  if (checking_ >= checks_at_once) return std::nullopt;
  for (auto at = idle_.oldest(); at != none && idle_.since(at) < before;
       at = idle_.newer_than(at)) {
    auto& s = slots_[at];
    if (s.checked_at >= before || (at == idle_.newest() && checking_ > 0)) continue;
    idle_.take(at);
    const auto uses = s.uses;
    std::optional<granted_lease> checked(std::in_place);
    begin_lease(at, now, where, {}, *checked);
    s.uses = uses;
    ++checking_;
    ++counts_.checks;
    return checked;
  }
  return std::nullopt;
}

time_point pool_core::next_check(duration every) const {
  const std::scoped_lock held(lock_);
  auto first = time_point::max();
  for (auto at = idle_.oldest(); at != none; at = idle_.newer_than(at)) {
    first =
        std::min(first, saturating_add(std::max(idle_.since(at), slots_[at].checked_at), every));
  }
  return first;
}

pooled_ptr pool_core::reclaim(lease_id lease) {
  const std::scoped_lock held(lock_);
  auto& s = slots_[lease.slot];
  if (!s.word.end(lease.generation, slot_state::leased, slot_state::closing)) return nullptr;
  --leased_;
  ++counts_.reclaims;
  return make_vacant(lease.slot);
}

std::optional<std::uint32_t> pool_core::next_dial() {
  const std::scoped_lock held(lock_);
  if (draining_ || vacant_.empty() || dialing_ >= dials_wanted()) return std::nullopt;
  if (!shared_.take()) return std::nullopt;
  const auto at = vacant_.back();
  vacant_.pop_back();
  auto& word = slots_[at].word;
  [[maybe_unused]] const bool moved =
      word.move(word.load().generation, slot_state::vacant, slot_state::dialing);
  assert(moved);
  ++dialing_;
  ++counts_.dials;
  return at;
}

pooled_ptr pool_core::dialed(std::uint32_t at, pooled_ptr made, time_point now) {
  std::optional<grant> granted;
  {
    const std::scoped_lock held(lock_);
    auto& s = slots_[at];
    assert(s.word.load().state == slot_state::dialing);
    --dialing_;
    if (prewarm_ > 0) --prewarm_;
    s.word.end(s.word.load().generation, slot_state::dialing, slot_state::closing);
    s.what = std::move(made);
    if (!s.what) ++counts_.dial_failures;
    if (!s.what || draining_) return make_vacant(at);
    s.what->slot_ = at;
    start_life(s, now);
    granted = grant_to_first(at, now);
    if (!granted) {
      if (idle_.size() >= limits_.idle_max) return make_vacant(at);
      push_idle(at, now);
    }
  }
  if (granted) granted->to->granted(std::move(granted->lease));
  return nullptr;
}

void pool_core::prewarm(std::uint32_t count) {
  const std::scoped_lock held(lock_);
  prewarm_ = std::min({count, limits_.connections_max, limits_.idle_max});
}

pool_core::taken_idle pool_core::take_idle(const pooled& what) {
  const std::scoped_lock held(lock_);
  const auto& s = slots_[what.slot_];
  if (s.what.get() != &what || s.word.load().state != slot_state::idle) return {};
  return {.what = take_out(what.slot_), .idle_since = idle_.since(what.slot_)};
}

std::vector<pooled_ptr> pool_core::take_expired(time_point now) {
  const std::scoped_lock held(lock_);
  std::vector<pooled_ptr> taken;
  for (auto at = idle_.oldest(); at != none;) {
    const auto newer = idle_.newer_than(at);
    const bool is_spare = idle_.size() > limits_.idle_min;
    if (now >= std::min(idle_expiry(at, is_spare), slots_[at].ends)) taken.push_back(take_out(at));
    at = newer;
  }
  return taken;
}

time_point pool_core::idle_expiry(std::uint32_t at, bool is_spare) const {
  auto ends = time_point::max();
  if (is_spare && limits_.idle_time_max.count() > 0) ends = idle_.since(at) + limits_.idle_time_max;
  if (!server_idle_max_) return ends;
  // The server ends them anyway, unless something was said meanwhile.
  return std::min(ends, std::max(idle_.since(at), slots_[at].checked_at) + *server_idle_max_);
}

std::size_t pool_core::dials_wanted() const {
  const auto kept = std::min(limits_.idle_min, limits_.idle_max);
  const auto there = idle_.size() + checking_;
  const auto missing = kept > there ? kept - there : 0;
  return waiters_.size() + std::max(prewarm_, missing);
}

std::vector<pool_core::idle_record> pool_core::idle_since_before(time_point then) const {
  const std::scoped_lock held(lock_);
  std::vector<idle_record> found;
  for (auto at = idle_.oldest(); at != none && idle_.since(at) < then; at = idle_.newer_than(at)) {
    const auto& s = slots_[at];
    if (s.checked_at < then) found.push_back({.what = s.what, .used = s.uses > 0});
  }
  return found;
}

time_point pool_core::next_expiry() const {
  const std::scoped_lock held(lock_);
  auto first = time_point::max();
  const bool is_spare = idle_.size() > limits_.idle_min;
  for (auto at = idle_.oldest(); at != none; at = idle_.newer_than(at)) {
    first = std::min({first, slots_[at].ends, idle_expiry(at, is_spare)});
  }
  return first;
}

std::vector<pooled_ptr> pool_core::wear_out(const std::function<bool(const pooled&)>& is_meant) {
  const std::scoped_lock held(lock_);
  std::vector<pooled_ptr> taken;
  for (std::uint32_t at = 0; at < slots_.size(); ++at) {
    if (!slots_[at].what || !is_meant(*slots_[at].what)) continue;
    slots_[at].ends = time_point::min();
    if (slots_[at].word.load().state == slot_state::idle) taken.push_back(take_out(at));
  }
  return taken;
}

std::vector<pooled_ptr> pool_core::drain() {
  const std::scoped_lock held(lock_);
  draining_ = true;
  std::vector<pooled_ptr> taken;
  while (idle_.oldest() != none) taken.push_back(take_out(idle_.oldest()));
  return taken;
}

std::vector<lease_record> pool_core::leases() const {
  const std::scoped_lock held(lock_);
  std::vector<lease_record> out;
  out.reserve(leased_);
  for (std::uint32_t at = 0; at < slots_.size(); ++at) {
    const auto& s = slots_[at];
    const auto word = s.word.load();
    if (word.state != slot_state::leased) continue;
    out.push_back({.id = {.slot = at, .generation = word.generation},
                   .what = s.what,
                   .leased_at = s.leased_at,
                   .where = s.where,
                   .stack = s.stack});
  }
  std::ranges::sort(out, {}, &lease_record::leased_at);
  return out;
}

pool_metrics pool_core::metrics() const {
  const std::scoped_lock held(lock_);
  return {.idle = idle_.size(),
          .leased = leased_,
          .waiting = waiters_.size(),
          .connections = static_cast<std::uint32_t>(slots_.size() - vacant_.size()),
          .counts = counts_};
}

void pool_core::push_idle(std::uint32_t at, time_point since) {
  auto& word = slots_[at].word;
  const auto was = word.load();
  assert(was.state == slot_state::closing);
  word.put({.state = slot_state::idle, .generation = was.generation});
  idle_.put(at, since);
}

void pool_core::begin_lease(std::uint32_t at, time_point now, std::source_location where,
                            std::shared_ptr<const call_stack> stack, granted_lease& lease) {
  auto& s = slots_[at];
  const auto word = s.word.load();
  assert(word.state != slot_state::leased);
  s.word.put({.state = slot_state::leased, .generation = word.generation});
  s.leased_at = now;
  s.where = where;
  s.stack = std::move(stack);
  ++s.uses;
  ++leased_;
  ++counts_.leases;
  lease.id = {.slot = at, .generation = word.generation};
  lease.what = s.what;
  lease.reused = s.uses > 1;
  lease.idle_since = idle_.since(at);
}

std::optional<pool_core::grant> pool_core::grant_to_first(std::uint32_t at, time_point now) {
  if (waiters_.empty()) return std::nullopt;
  std::optional<grant> granted(std::in_place);
  granted->to = pop_waiter();
  begin_lease(at, now, granted->to->where, granted->to->stack, granted->lease);
  return granted;
}

pooled_ptr pool_core::make_vacant(std::uint32_t at) {
  auto& s = slots_[at];
  [[maybe_unused]] const bool moved =
      s.word.move(s.word.load().generation, slot_state::closing, slot_state::vacant);
  assert(moved);
  if (s.what) ++counts_.closes;
  vacant_.push_back(at);
  shared_.put();
  return std::move(s.what);
}

pooled_ptr pool_core::take_out(std::uint32_t at) {
  idle_.take(at);
  auto& word = slots_[at].word;
  word.end(word.load().generation, slot_state::idle, slot_state::closing);
  return make_vacant(at);
}

void pool_core::start_life(slot& s, time_point now) {
  s.uses = 0;
  s.checked_at = now;
  s.ends = lifetimes_.end_of_one_made(now);
}

}  // namespace waitstate::client
