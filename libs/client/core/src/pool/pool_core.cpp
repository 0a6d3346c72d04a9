#include "pool/pool_core.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace waitstate::client {
namespace {

/// 0 to 1, by xorshift64.
double next_share(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return static_cast<double>(state >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace

pool_core::pool_core(const pool_limits& limits, capacity& shared)
    : limits_(limits),
      shared_(shared),
      idle_time_max_(limits.idle_time_max),
      slots_(limits.connections_max) {
  assert(limits.connections_max > 0 && limits.connections_max <= 65'536);
  assert(limits.lifetime_jitter >= 0 && limits.lifetime_jitter <= 1);
  vacant_.reserve(slots_.size());
  for (auto at = limits.connections_max; at > 0; --at) vacant_.push_back(at - 1);
}

std::optional<granted_lease> pool_core::try_acquire(time_point now, std::source_location where,
                                                    std::shared_ptr<const call_stack> stack) {
  const std::scoped_lock held(lock_);
  if (newest_idle_ == none) return std::nullopt;
  const auto at = newest_idle_;
  unlink_idle(at);
  return begin_lease(at, now, where, std::move(stack));
}

pool_core::acquired pool_core::acquire(time_point now, const std::shared_ptr<waiter>& w) {
  const std::scoped_lock held(lock_);
  if (newest_idle_ != none) {
    const auto at = newest_idle_;
    unlink_idle(at);
    return {.what = outcome::leased, .lease = begin_lease(at, now, w->where, w->stack)};
  }
  if (draining_ || waiters_.size() >= limits_.waiters_max) {
    ++counts_.refused;
    return {.what = outcome::refused, .lease = {}};
  }
  ++counts_.waits;
  w->place_ = waiters_.insert(waiters_.end(), w);
  return {.what = outcome::waiting, .lease = {}};
}

bool pool_core::withdraw(const std::shared_ptr<waiter>& w) {
  const std::scoped_lock held(lock_);
  if (!w->place_) return false;
  waiters_.erase(*w->place_);
  w->place_.reset();
  ++counts_.withdrawn;
  return true;
}

std::shared_ptr<pool_core::waiter> pool_core::take_waiter() {
  const std::scoped_lock held(lock_);
  if (waiters_.empty()) return nullptr;
  auto first = std::move(waiters_.front());
  waiters_.pop_front();
  first->place_.reset();
  return first;
}

pool_core::returned pool_core::give_back(lease_id lease, bool reusable, time_point now) {
  std::optional<grant> granted;
  {
    const std::scoped_lock held(lock_);
    auto& s = slots_[lease.slot];
    if (!s.word.end(lease.generation, slot_state::leased, slot_state::closing)) {
      ++counts_.late_returns;
      return returned::late;
    }
    --leased_;
    ++counts_.returns;
    if (!reusable || draining_ || is_worn_out(s, now)) {
      make_vacant(lease.slot);
      return returned::closed;
    }
    granted = grant_to_first(lease.slot, now);
    if (!granted) {
      if (idle_ >= limits_.idle_max) {
        make_vacant(lease.slot);
        return returned::closed;
      }
      push_idle(lease.slot, now);
    }
  }
  if (granted) granted->to->granted(std::move(granted->lease));
  return returned::kept;
}

pooled_ptr pool_core::reclaim(lease_id lease) {
  const std::scoped_lock held(lock_);
  auto& s = slots_[lease.slot];
  if (!s.word.end(lease.generation, slot_state::leased, slot_state::closing)) return nullptr;
  --leased_;
  ++counts_.reclaims;
  return make_vacant(lease.slot);
}

bool pool_core::is_current(lease_id lease) const {
  return slots_[lease.slot].word.load() ==
         slot_word::value{.state = slot_state::leased, .generation = lease.generation};
}

std::optional<std::uint32_t> pool_core::next_dial() {
  const std::scoped_lock held(lock_);
  if (draining_ || vacant_.empty() || dialing_ >= waiters_.size() + prewarm_) return std::nullopt;
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
      if (idle_ >= limits_.idle_max) return make_vacant(at);
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
  const auto since = s.idle_since;
  return {.what = take_out(what.slot_), .idle_since = since};
}

std::vector<pooled_ptr> pool_core::take_expired(time_point now) {
  const std::scoped_lock held(lock_);
  std::vector<pooled_ptr> taken;
  for (auto at = oldest_idle_; at != none;) {
    const auto& s = slots_[at];
    const auto newer = s.newer;
    const bool idle_too_long = idle_time_max_.count() > 0 && now - s.idle_since >= idle_time_max_;
    if (idle_too_long || now >= s.ends) taken.push_back(take_out(at));
    at = newer;
  }
  return taken;
}

std::vector<pool_core::idle_record> pool_core::idle_since_before(time_point then) const {
  const std::scoped_lock held(lock_);
  std::vector<idle_record> found;
  for (auto at = oldest_idle_; at != none && slots_[at].idle_since < then; at = slots_[at].newer) {
    found.push_back({.what = slots_[at].what, .used = slots_[at].uses > 0});
  }
  return found;
}

pooled_ptr pool_core::take_oldest_idle() {
  const std::scoped_lock held(lock_);
  return oldest_idle_ == none ? nullptr : take_out(oldest_idle_);
}

std::optional<time_point> pool_core::oldest_idle_since() const {
  const std::scoped_lock held(lock_);
  if (oldest_idle_ == none) return std::nullopt;
  return slots_[oldest_idle_].idle_since;
}

time_point pool_core::next_expiry() const {
  const std::scoped_lock held(lock_);
  auto first = time_point::max();
  for (auto at = oldest_idle_; at != none; at = slots_[at].newer) {
    first = std::min(first, slots_[at].ends);
  }
  if (oldest_idle_ == none || idle_time_max_.count() == 0) return first;
  return std::min(first, slots_[oldest_idle_].idle_since + idle_time_max_);
}

bool pool_core::wants_dial() const {
  const std::scoped_lock held(lock_);
  return !draining_ && !vacant_.empty() && dialing_ < waiters_.size() + prewarm_;
}

bool pool_core::wants_room() const {
  const std::scoped_lock held(lock_);
  return !draining_ && !vacant_.empty() && dialing_ < waiters_.size();
}

bool pool_core::set_idle_time_max(duration limit) {
  const std::scoped_lock held(lock_);
  return std::exchange(idle_time_max_, limit) != limit;
}

std::vector<pooled_ptr> pool_core::wear_out() {
  const std::scoped_lock held(lock_);
  for (auto& s : slots_) s.ends = time_point::min();
  std::vector<pooled_ptr> taken;
  while (oldest_idle_ != none) taken.push_back(take_out(oldest_idle_));
  return taken;
}

std::vector<pooled_ptr> pool_core::drain() {
  const std::scoped_lock held(lock_);
  draining_ = true;
  std::vector<pooled_ptr> taken;
  while (oldest_idle_ != none) taken.push_back(take_out(oldest_idle_));
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
  return {.idle = idle_,
          .leased = leased_,
          .waiting = waiters_.size(),
          .connections = static_cast<std::uint32_t>(slots_.size() - vacant_.size()),
          .counts = counts_};
}

void pool_core::push_idle(std::uint32_t at, time_point now) {
  auto& s = slots_[at];
  [[maybe_unused]] const bool moved =
      s.word.move(s.word.load().generation, slot_state::closing, slot_state::idle);
  assert(moved);
  s.idle_since = now;
  s.older = newest_idle_;
  s.newer = none;
  if (newest_idle_ != none) slots_[newest_idle_].newer = at;
  newest_idle_ = at;
  if (oldest_idle_ == none) oldest_idle_ = at;
  ++idle_;
}

void pool_core::unlink_idle(std::uint32_t at) {
  auto& s = slots_[at];
  (s.newer == none ? newest_idle_ : slots_[s.newer].older) = s.older;
  (s.older == none ? oldest_idle_ : slots_[s.older].newer) = s.newer;
  s.newer = none;
  s.older = none;
  --idle_;
}

granted_lease pool_core::begin_lease(std::uint32_t at, time_point now, std::source_location where,
                                     std::shared_ptr<const call_stack> stack) {
  auto& s = slots_[at];
  const auto word = s.word.load();
  [[maybe_unused]] const bool moved = s.word.move(word.generation, word.state, slot_state::leased);
  assert(moved && "only the lock's holder moves a slot that is not leased");
  s.leased_at = now;
  s.where = where;
  s.stack = std::move(stack);
  ++s.uses;
  ++leased_;
  ++counts_.leases;
  return {.id = {.slot = at, .generation = word.generation}, .what = s.what, .reused = s.uses > 1};
}

std::optional<pool_core::grant> pool_core::grant_to_first(std::uint32_t at, time_point now) {
  if (waiters_.empty()) return std::nullopt;
  auto first = std::move(waiters_.front());
  waiters_.pop_front();
  first->place_.reset();
  auto lease = begin_lease(at, now, first->where, first->stack);
  return grant{.to = std::move(first), .lease = std::move(lease)};
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
  unlink_idle(at);
  auto& word = slots_[at].word;
  word.end(word.load().generation, slot_state::idle, slot_state::closing);
  return make_vacant(at);
}

void pool_core::start_life(slot& s, time_point now) {
  s.born = now;
  s.uses = 0;
  s.ends = time_point::max();
  if (limits_.lifetime_max.count() > 0) {
    const auto shortened = limits_.lifetime_jitter * next_share(jitter_state_);
    s.ends = now + std::chrono::duration_cast<duration>(limits_.lifetime_max * (1.0 - shortened));
  }
}

bool pool_core::is_worn_out(const slot& s, time_point now) const {
  return now >= s.ends || (limits_.requests_max > 0 && s.uses >= limits_.requests_max);
}

}  // namespace waitstate::client
