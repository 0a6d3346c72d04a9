#include "waitstate/client/core/foreign_pool.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "notify.h"
#include "pool/foreign_pool_state.h"
#include "pool/foreign_socket.h"
#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

constexpr int useless_max = 3;  // new handles that one caller finds dead before it gives up

}  // namespace

result<> foreign_pool::check(const handle_pool_settings& settings) {
  const auto most = settings.limits.connections_max;
  if (most >= 1 && most <= 65'536) return {};
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("pool '{}': connections_max is {}, it must be 1 to 65,536",
                                      to_string(settings.to), most),
                  .hint = {}});
}

foreign_pool::foreign_pool(maker make, handle_pool_settings settings)
    : state_(std::make_unique<state>(std::move(make), std::move(settings))) {
  state_->thread = std::jthread([s = state_.get()](const std::stop_token& stop) { s->run(stop); });
}

foreign_pool::~foreign_pool() {
  state_->thread.request_stop();
  state_->thread.join();
  drain();
}

result<foreign_handle_ptr> foreign_pool::state::make(time_point deadline) const {
  const auto until = std::min(deadline, saturating_add(clock::now(), settings.make_time_max));
  result<foreign_handle_ptr> made;
  try {
    made = makes(until);
  } catch (...) {
    made = failure(thrown());
  }
  if (made) {
    (*made)->remember_socket();
    return made;
  }
  auto why = in_step(fmt::format("pool '{}'", to_string(settings.to)), std::move(made).error());
  if (why.phase == call_phase::none) why.phase = call_phase::connect;
  return failure(std::move(why));
}

result<> foreign_pool::state::make_for(std::uint32_t slot, time_point deadline) {
  auto made = make(deadline);
  const auto unwanted = core.dialed(slot, made ? *made : nullptr, clock::now());
  if (made) return {};
  let_somebody_make();
  return failure(std::move(made).error());
}

bool foreign_pool::state::is_usable(const granted_lease& lease) {
  auto& what = static_cast<foreign_handle&>(*lease.what);
  what.remember_socket();
  return !foreign_socket(what).has_peer_closed();
}

/// The first in line, when there is room for one more.
void foreign_pool::state::let_somebody_make() {
  if (!core.wants_room()) return;
  const std::scoped_lock held(lock);
  if (!line.empty()) line.front()->let_make();
}

void foreign_pool::state::close(granted_lease lease) {
  core.give_back(lease.id, false, clock::now());
  lease.what.reset();
  let_somebody_make();
}

error foreign_pool::state::why_refused() const {
  if (core.is_draining()) {
    return {.code = errc::cancelled,
            .what = fmt::format("pool '{}': it is closing", to_string(settings.to)),
            .hint = {},
            .phase = call_phase::wait};
  }
  return {.code = errc::overloaded,
          .what = fmt::format("pool '{}': overloaded: {} wait already", to_string(settings.to),
                              grouped(core.waiting())),
          .hint = {},
          .phase = call_phase::wait};
}

error foreign_pool::state::why_none(time_point began) const {
  if (core.is_draining()) return why_refused();
  const auto waited = std::chrono::ceil<std::chrono::milliseconds>(clock::now() - began);
  return {.code = errc::timed_out,
          .what = fmt::format("pool '{}': timed out after {} without a handle: {} of {} in use, {} "
                              "wait",
                              to_string(settings.to), elapsed(waited), core.in_use(),
                              settings.limits.connections_max, core.waiting()),
          .hint = {},
          .phase = call_phase::wait};
}

result<foreign_pool::granted> foreign_pool::acquire(time_point deadline,
                                                    std::source_location where) {
  const auto began = clock::now();
  auto& s = *state_;
  if (began >= deadline) return failure(s.why_none(began));
  for (int useless = 0; useless < useless_max;) {
    auto got = s.core.try_acquire(clock::now(), where);
    if (!got) {
      auto waited = s.wait_in_line(began, deadline, where);
      if (!waited) return failure(std::move(waited).error());
      got = *std::move(waited);
    }
    s.wake();
    if (s.is_usable(*got)) {
      return granted{.id = got->id,
                     .what = std::static_pointer_cast<foreign_handle>(got->what),
                     .reused = got->reused};
    }
    if (!got->reused) ++useless;
    s.close(*std::move(got));
    if (clock::now() >= deadline) break;
  }
  return failure(s.why_none(began));
}

result<granted_lease> foreign_pool::state::wait_in_line(time_point began, time_point deadline,
                                                        std::source_location where) {
  const auto place = std::make_shared<ticket>();
  const auto w = std::make_shared<pool_core::waiter>();
  w->where = where;
  w->granted = [place](granted_lease lease) { place->grant(std::move(lease)); };
  auto first = core.acquire(clock::now(), w);
  if (first.what == pool_core::outcome::leased) return std::move(first.lease);
  if (first.what == pool_core::outcome::refused) return failure(why_refused());
  std::list<ticket*>::iterator at;
  {
    const std::scoped_lock held(lock);
    at = line.insert(line.end(), place.get());
  }
  std::optional<error> failed;
  auto got = stand(w, *place, deadline, failed);
  {
    const std::scoped_lock held(lock);
    line.erase(at);
  }
  // The room that it was told of may still be there.
  let_somebody_make();
  if (got && got->what) return *std::move(got);
  if (failed) return failure(*std::move(failed));
  return failure(why_none(began));
}

/// Nothing when it failed to make one, or the time is over.
std::optional<granted_lease> foreign_pool::state::stand(const std::shared_ptr<pool_core::waiter>& w,
                                                        ticket& place, time_point deadline,
                                                        std::optional<error>& failed) {
  for (;;) {
    if (const auto slot = core.next_dial()) {
      if (auto made = make_for(*slot, deadline); !made) failed = std::move(made).error();
    }
    const bool is_over = failed || clock::now() >= deadline;
    if (!is_over) {
      if (auto got = place.wait(deadline)) return got;
      continue;
    }
    if (core.withdraw(w)) return std::nullopt;
    // It is being granted in this moment.
    for (;;) {
      if (auto got = place.wait(time_point::max())) return got;
    }
  }
}

void foreign_pool::give_back(granted lease, bool is_fine) {
  auto& s = *state_;
  const bool is_clean = is_fine && s.core.is_current(lease.id) &&
                        says([&] { return lease.what->reset(); }) &&
                        !foreign_socket(*lease.what).has_peer_closed();
  const auto how = s.core.give_back(lease.id, is_clean, clock::now());
  lease.what.reset();  // which closes it, unless it is kept
  if (how != pool_core::returned::kept) s.let_somebody_make();
}

bool foreign_pool::is_current(lease_id id) const {
  return state_->core.is_current(id);
}

std::vector<ledger_entry> foreign_pool::leases() const {
  const auto now = clock::now();
  std::vector<ledger_entry> all;
  for (const auto& record : state_->core.leases()) all.push_back(state_->entry_of(record, now));
  return all;
}

bool foreign_pool::reclaim(lease_id id) {
  for (const auto& record : state_->core.leases()) {
    if (record.id == id) return state_->take_back(record, reclaim_reason::ordered);
  }
  return false;
}

void foreign_pool::drain() {
  state_->core.drain().clear();
  while (const auto waiting = state_->core.take_waiter()) waiting->granted({});
}

pool_metrics foreign_pool::metrics() const {
  return state_->core.metrics();
}

}  // namespace waitstate::client
