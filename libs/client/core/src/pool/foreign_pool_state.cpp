#include "pool/foreign_pool_state.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "notify.h"
#include "pool/foreign_socket.h"

namespace waitstate::client {
namespace {

/// How often idle handles and leases are looked at.
constexpr duration round_time = std::chrono::milliseconds(200);
/// After a failed make, before the pool's thread makes another; waiting callers decide themselves.
constexpr duration make_pause = std::chrono::seconds(1);
constexpr std::size_t reported_max = 4096;  // leases reported as leaked and not back yet

}  // namespace

void foreign_pool::state::wake() {
  const std::scoped_lock held(sleeping);
  if (std::exchange(is_wanted, true)) return;
  woken.notify_one();
}

void foreign_pool::state::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto now = clock::now();
    keep_house(now);
    const bool is_busy = core.connections() > 0 || core.wants_dial();
    std::unique_lock held(sleeping);
    if (is_busy) {
      woken.wait_until(held, stop, now + round_time, [] { return false; });
    } else {
      is_wanted = false;
      woken.wait(held, stop, [this] { return is_wanted; });
    }
  }
}

void foreign_pool::state::keep_house(time_point now) {
  close_the_dead(now);
  check_the_idle(now);
  make_the_missing(now);
  look_for_leaks(now);
  let_somebody_make();
}

void foreign_pool::state::close_the_dead(time_point now) {
  core.take_expired(now).clear();
  for (const auto& idle : core.idle_since_before(now)) {
    auto& what = static_cast<foreign_handle&>(*idle.what);
    if (foreign_socket(what).has_peer_closed()) std::ignore = core.take_idle(what);
  }
}

void foreign_pool::state::check_the_idle(time_point now) {
  if (settings.check_every.count() <= 0) return;
  const auto before = now - settings.check_every;
  while (auto one = core.take_unchecked(before, now, std::source_location::current())) {
    auto& what = static_cast<foreign_handle&>(*one->what);
    core.give_back_checked(one->id, says([&] { return what.check(); }), clock::now());
  }
}

void foreign_pool::state::make_the_missing(time_point now) {
  if (settings.limits.idle_min == 0 || now < none_made_before) return;
  while (core.waiting() == 0) {
    const auto slot = core.next_dial();
    if (!slot) return;
    if (!make_for(*slot, time_point::max())) {
      none_made_before = clock::now() + make_pause;
      return;
    }
  }
}

ledger_entry foreign_pool::state::entry_of(const lease_record& record, time_point now) const {
  auto& what = static_cast<foreign_handle&>(*record.what);
  const foreign_socket socket(what);
  const auto last =
      std::max(now - socket.last_byte_ago().value_or(duration::max() / 2), record.leased_at);
  return {.id = record.id,
          .to = settings.to,
          .out_for = now - record.leased_at,
          .last_byte_ago = now - last,
          .peer_closed = socket.has_peer_closed(),
          .where = record.where,
          .stack = record.stack};
}

void foreign_pool::state::look_for_leaks(time_point now) {
  const auto records = core.leases();
  const auto most = static_cast<double>(settings.limits.connections_max);
  const double pressure = core.waiting() > 0 ? 1 : static_cast<double>(records.size()) / most;
  for (const auto& record : records) {
    const auto entry = entry_of(record, now);
    const auto why = decide_reclaim({.leased_at = record.leased_at,
                                     .last_byte = now - entry.last_byte_ago,
                                     .peer_closed = entry.peer_closed},
                                    settings.reclaim, pressure, now);
    const bool is_overdue =
        settings.leak_report_after.count() > 0 && entry.out_for >= settings.leak_report_after;
    if (is_overdue && is_first_report(record.id)) notify(settings.leaked, entry);
    if (why != reclaim_reason::none) take_back(record, why);
  }
}

bool foreign_pool::state::is_first_report(lease_id id) {
  if (std::ranges::find(reported, id) != reported.end()) return false;
  if (reported.size() >= reported_max) reported.erase(reported.begin());
  reported.push_back(id);
  return true;
}

bool foreign_pool::state::take_back(const lease_record& record, reclaim_reason why) {
  const auto entry = entry_of(record, clock::now());
  const auto taken = core.reclaim(record.id);
  if (!taken) return false;
  foreign_socket(static_cast<const foreign_handle&>(*taken)).shut_down();
  let_somebody_make();
  notify(settings.reclaimed, entry, why);
  return true;
}

}  // namespace waitstate::client
