#include "pool/pool_core.h"

#include <tuple>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using outcome = pool_core::outcome;
using returned = pool_core::returned;

class stub_connection : public pooled {};

pooled_ptr connection() {
  return std::make_shared<stub_connection>();
}

class pool_core_test : public testing::Test {
 protected:
  void make(pool_limits limits) { pool_.emplace(limits, room_); }

  pool_core& pool() {
    if (!pool_) make({.connections_max = 4});
    return *pool_;
  }

  /// Somebody who wants a connection and remembers what they were granted.
  struct caller {
    std::shared_ptr<pool_core::waiter> waiter = std::make_shared<pool_core::waiter>();
    std::optional<lease_id> lease;
    pooled_ptr what;
  };

  std::unique_ptr<caller> ask() {
    auto asking = std::make_unique<caller>();
    asking->waiter->where = std::source_location::current();
    asking->waiter->granted = [c = asking.get()](const granted_lease& lease) {
      c->lease = lease.id;
      c->what = lease.what;
    };
    const auto got = pool().acquire(now_, asking->waiter);
    last_outcome_ = got.what;
    if (got.what == outcome::leased) asking->waiter->granted(got.lease);
    return asking;
  }

  std::vector<std::uint32_t> dials() {
    std::vector<std::uint32_t> slots;
    while (const auto slot = pool().next_dial()) slots.push_back(*slot);
    return slots;
  }

  /// A lease on a connection that was just made.
  lease_id dialed_lease() {
    const auto asking = ask();
    for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
    return asking->lease.value();
  }

  capacity room_{100};
  std::optional<pool_core> pool_;
  outcome last_outcome_{};
  time_point now_{1h};
};

TEST_F(pool_core_test, dials_once_for_each_waiter_within_the_limit) {
  std::vector<std::unique_ptr<caller>> callers;
  for (int i = 0; i < 6; ++i) callers.push_back(ask());
  EXPECT_EQ(last_outcome_, outcome::waiting);
  EXPECT_EQ(dials().size(), 4U);
  EXPECT_EQ(dials().size(), 0U);
  EXPECT_EQ(pool().connections(), 4U);
}

TEST_F(pool_core_test, serves_waiters_first_in_first_out_and_idle_ones_last_in_first_out) {
  const auto a = dialed_lease();
  const auto b = dialed_lease();
  pool().give_back(a, true, now_);
  pool().give_back(b, true, now_);
  EXPECT_EQ(ask()->lease->slot, b.slot) << "the warmest";

  make({.connections_max = 1});
  const auto held = dialed_lease();
  const auto first = ask();
  const auto second = ask();
  EXPECT_EQ(pool().give_back(held, true, now_), returned::kept);
  ASSERT_TRUE(first->lease);
  EXPECT_FALSE(second->lease);
  EXPECT_NE(first->lease->generation, held.generation);
}

TEST_F(pool_core_test, a_returned_connection_beats_the_dial_whose_connection_is_then_idle) {
  const auto held = dialed_lease();
  const auto waiting = ask();
  const auto dialing = dials();
  ASSERT_EQ(dialing.size(), 1U);
  pool().give_back(held, true, now_);
  EXPECT_EQ(waiting->lease->slot, held.slot);
  pool().dialed(dialing[0], connection(), now_);
  EXPECT_EQ(pool().idle(), 1U);
}

TEST_F(pool_core_test, a_failed_dial_frees_its_slot_and_is_tried_again_while_somebody_waits) {
  const auto waiting = ask();
  for (const auto slot : dials()) pool().dialed(slot, nullptr, now_);
  EXPECT_FALSE(waiting->lease);
  EXPECT_EQ(room_.used(), 0U);
  EXPECT_EQ(dials().size(), 1U);
  EXPECT_TRUE(pool().withdraw(waiting->waiter));
  EXPECT_EQ(pool().counts().dial_failures, 1U);
}

TEST_F(pool_core_test, a_reclaimed_lease_frees_its_slot_at_once_and_comes_back_late) {
  make({.connections_max = 1});
  const auto leaked = dialed_lease();
  const auto waiting = ask();
  EXPECT_TRUE(dials().empty());
  EXPECT_NE(pool().reclaim(leaked), nullptr);
  EXPECT_EQ(pool().reclaim(leaked), nullptr) << "only once";
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
  ASSERT_TRUE(waiting->lease);

  EXPECT_EQ(pool().give_back(leaked, true, now_), returned::late);
  EXPECT_TRUE(pool().is_current(*waiting->lease)) << "the new lease of the slot is untouched";
  EXPECT_FALSE(pool().is_current(leaked));
}

TEST_F(pool_core_test, a_lease_that_came_back_cannot_be_reclaimed_or_returned_again) {
  const auto lease = dialed_lease();
  pool().give_back(lease, true, now_);
  EXPECT_EQ(pool().reclaim(lease), nullptr);
  EXPECT_EQ(pool().give_back(lease, true, now_), returned::late);
  EXPECT_EQ(pool().idle(), 1U);
}

TEST_F(pool_core_test, closes_what_is_dirty_worn_out_or_too_many) {
  make({.connections_max = 4, .idle_max = 1, .requests_max = 2});
  EXPECT_EQ(pool().give_back(dialed_lease(), false, now_), returned::closed);

  const auto once = dialed_lease();
  pool().give_back(once, true, now_);
  const auto twice = ask()->lease.value();
  EXPECT_EQ(pool().give_back(twice, true, now_), returned::closed) << "served two requests";

  const auto a = dialed_lease();
  const auto b = dialed_lease();
  EXPECT_EQ(pool().give_back(a, true, now_), returned::kept);
  EXPECT_EQ(pool().give_back(b, true, now_), returned::closed) << "one idle is enough";
  EXPECT_EQ(room_.used(), 1U);
}

TEST_F(pool_core_test, expires_idle_connections_by_idle_time_and_lifetime) {
  make({.connections_max = 4, .idle_time_max = 10s, .lifetime_max = 100s, .lifetime_jitter = 0});
  const auto a = dialed_lease();
  const auto b = dialed_lease();
  pool().give_back(a, true, now_);
  now_ += 9s;
  pool().give_back(b, true, now_);
  EXPECT_TRUE(pool().take_expired(now_).empty());
  now_ += 1s;
  EXPECT_EQ(pool().take_expired(now_).size(), 1U);
  EXPECT_EQ(pool().idle(), 1U);
  const auto again = ask()->lease.value();
  now_ += 90s;
  EXPECT_EQ(pool().give_back(again, true, now_), returned::closed) << "lived for 100 s";
}

TEST_F(pool_core_test, lifetimes_are_shortened_at_random_within_the_jitter) {
  make({.connections_max = 64, .idle_time_max = 0s, .lifetime_max = 100s, .lifetime_jitter = 0.5});
  std::vector<lease_id> leases;
  for (int i = 0; i < 64; ++i) leases.push_back(dialed_lease());
  for (const auto& lease : leases) pool().give_back(lease, true, now_);
  EXPECT_TRUE(pool().take_expired(now_ + 49s).empty());
  const auto early = pool().take_expired(now_ + 75s).size();
  EXPECT_GT(early, 10U);
  EXPECT_LT(early, 54U);
  EXPECT_EQ(pool().take_expired(now_ + 100s).size(), 64 - early);
}

TEST_F(pool_core_test, the_idle_connection_whose_peer_closed_is_taken_unless_it_was_leased) {
  const auto asking = ask();
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
  EXPECT_EQ(pool().take_idle(*asking->what).what, nullptr);
  pool().give_back(*asking->lease, true, now_);
  EXPECT_EQ(pool().take_idle(*asking->what).what, asking->what);
  EXPECT_EQ(pool().take_idle(*asking->what).what, nullptr);
  EXPECT_EQ(pool().connections(), 0U);
  EXPECT_EQ(room_.used(), 0U);
}

TEST_F(pool_core_test, refuses_past_the_waiters_it_may_have) {
  make({.connections_max = 1, .waiters_max = 1});
  const auto first = ask();
  EXPECT_EQ(last_outcome_, outcome::waiting);
  const auto second = ask();
  EXPECT_EQ(last_outcome_, outcome::refused);
  EXPECT_EQ(pool().counts().refused, 1U);
}

TEST_F(pool_core_test, a_withdrawn_waiter_is_never_granted_and_a_granted_one_cannot_withdraw) {
  make({.connections_max = 1});
  const auto held = dialed_lease();
  const auto gave_up = ask();
  const auto patient = ask();
  EXPECT_TRUE(pool().withdraw(gave_up->waiter));
  EXPECT_FALSE(pool().withdraw(gave_up->waiter));
  pool().give_back(held, true, now_);
  EXPECT_FALSE(gave_up->lease);
  EXPECT_TRUE(patient->lease);
  EXPECT_FALSE(pool().withdraw(patient->waiter));
}

TEST_F(pool_core_test, does_not_dial_past_the_capacity_it_shares) {
  capacity tight(1);
  pool_core one({.connections_max = 4}, tight);
  pool_core other({.connections_max = 4}, tight);
  const auto waiter = std::make_shared<pool_core::waiter>();
  waiter->granted = [](const granted_lease&) {};
  (void)one.acquire(now_, waiter);
  const auto also_waiting = std::make_shared<pool_core::waiter>();
  also_waiting->granted = [](const granted_lease&) {};
  (void)other.acquire(now_, also_waiting);
  const auto slot = one.next_dial();
  ASSERT_TRUE(slot);
  EXPECT_FALSE(other.next_dial());
  one.dialed(*slot, nullptr, now_);
  EXPECT_TRUE(other.next_dial());
}

TEST_F(pool_core_test, warms_up_within_its_limits) {
  pool().prewarm(3);
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
  EXPECT_EQ(pool().idle(), 3U);
  EXPECT_TRUE(dials().empty());
}

TEST_F(pool_core_test, draining_closes_idle_ones_now_and_leased_ones_as_they_return) {
  const auto a = dialed_lease();
  const auto b = dialed_lease();
  pool().give_back(a, true, now_);
  EXPECT_EQ(pool().drain().size(), 1U);
  EXPECT_EQ(pool().give_back(b, true, now_), returned::closed);
  const auto late = ask();
  EXPECT_EQ(last_outcome_, outcome::refused);
  EXPECT_EQ(pool().connections(), 0U);
}

TEST_F(pool_core_test, the_ledger_lists_leases_oldest_first_with_their_place) {
  const auto a = dialed_lease();
  now_ += 5s;
  const auto b = dialed_lease();
  const auto leases = pool().leases();
  ASSERT_EQ(leases.size(), 2U);
  EXPECT_EQ(leases[0].id, a);
  EXPECT_EQ(leases[1].id, b);
  EXPECT_EQ(leases[1].leased_at - leases[0].leased_at, 5s);
  EXPECT_NE(std::string_view(leases[0].where.file_name()).find("pool_core_test"),
            std::string_view::npos);
}

TEST_F(pool_core_test, knows_when_the_first_idle_connection_expires) {
  make({.connections_max = 4, .idle_time_max = 60s, .lifetime_max = 0s});
  EXPECT_EQ(pool().next_expiry(), time_point::max());
  EXPECT_EQ(pool().newest_idle_since(), time_point::min());
  const auto a = dialed_lease();
  const auto b = dialed_lease();
  EXPECT_EQ(pool().next_expiry(), time_point::max()) << "what is leased does not expire";
  pool().give_back(a, true, now_);
  pool().give_back(b, true, now_ + 5s);
  EXPECT_EQ(pool().next_expiry(), now_ + 60s);
  EXPECT_EQ(pool().newest_idle_since(), now_ + 5s);
  EXPECT_TRUE(pool().take_expired(now_ + 60s - 1ns).empty());
  EXPECT_TRUE(pool().set_server_idle_max(8s));
  EXPECT_FALSE(pool().set_server_idle_max(8s));
  EXPECT_EQ(pool().next_expiry(), now_ + 8s);
  EXPECT_EQ(pool().take_expired(now_ + 8s).size(), 1U);
  EXPECT_TRUE(pool().set_server_idle_max(std::nullopt));
  EXPECT_EQ(pool().next_expiry(), now_ + 65s);
}

TEST_F(pool_core_test, the_end_of_a_lifetime_is_an_expiry) {
  make({.idle_time_max = 60s, .lifetime_max = 10s, .lifetime_jitter = 0});
  pool().give_back(dialed_lease(), true, now_ + 1s);
  EXPECT_EQ(pool().next_expiry(), now_ + 10s);
  EXPECT_EQ(pool().take_expired(now_ + 10s).size(), 1U);
}

TEST_F(pool_core_test, wants_a_dial_for_each_who_waits_and_each_to_be_warmed) {
  make({.connections_max = 3});
  EXPECT_FALSE(pool().wants_dial());
  const auto waiting = ask();
  EXPECT_TRUE(pool().wants_dial());
  const auto slots = dials();
  EXPECT_FALSE(pool().wants_dial()) << "it is under way";
  pool().dialed(slots.at(0), connection(), now_);
  pool().prewarm(1);
  EXPECT_TRUE(pool().wants_dial());
  std::ignore = pool().drain();
  EXPECT_FALSE(pool().wants_dial());
}

TEST_F(pool_core_test, shows_itself_at_one_moment) {
  make({.connections_max = 2});
  pool().give_back(dialed_lease(), true, now_);
  const auto held = ask();
  const auto dialing = ask();
  const auto more = dials();
  const auto seen = pool().metrics();
  EXPECT_EQ(seen.idle, 0U);
  EXPECT_EQ(seen.leased, 1U);
  EXPECT_EQ(seen.waiting, 1U);
  EXPECT_EQ(seen.connections, 2U);
  EXPECT_EQ(seen.counts.leases, 2U);
  EXPECT_EQ(seen.counts.dials, 2U);
}

TEST_F(pool_core_test, keeps_so_many_idle_and_makes_another_when_one_goes) {
  make({.connections_max = 4, .idle_time_max = 60s, .idle_min = 2, .lifetime_max = 0s});
  auto slots = dials();
  ASSERT_EQ(slots.size(), 2U) << "before anybody asks";
  EXPECT_TRUE(dials().empty()) << "those are under way";
  for (const auto slot : slots) pool().dialed(slot, connection(), now_);
  EXPECT_TRUE(dials().empty());
  const auto out = ask();
  EXPECT_EQ(last_outcome_, outcome::leased);
  slots = dials();
  ASSERT_EQ(slots.size(), 1U);
  pool().dialed(slots[0], connection(), now_);
  pool().give_back(*out->lease, true, now_);
  EXPECT_EQ(pool().metrics().idle, 3U);
  now_ += 61s;
  EXPECT_EQ(pool().take_expired(now_).size(), 1U) << "the one more than has to be idle";
  EXPECT_EQ(pool().next_expiry(), time_point::max()) << "else it would look for ever";
  EXPECT_TRUE(dials().empty());
}

TEST_F(pool_core_test, renews_the_idle_ones_at_the_servers_own_limit) {
  make({.connections_max = 4, .idle_time_max = 60s, .idle_min = 2, .lifetime_max = 0s});
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
  pool().set_server_idle_max(8s);
  now_ += 9s;
  EXPECT_EQ(pool().take_expired(now_).size(), 2U);
  EXPECT_EQ(dials().size(), 2U);
}

TEST_F(pool_core_test, renews_them_at_a_server_limit_that_is_not_less_than_its_own) {
  for (const auto of_server : {60s, 64s}) {
    make({.connections_max = 4, .idle_time_max = 60s, .idle_min = 2, .lifetime_max = 0s});
    for (const auto slot : dials()) pool().dialed(slot, connection(), now_);
    pool().set_server_idle_max(of_server);
    EXPECT_EQ(pool().next_expiry(), now_ + of_server);
    now_ += of_server;
    EXPECT_EQ(pool().take_expired(now_).size(), 2U);
  }
}

TEST_F(pool_core_test, checks_a_few_at_once_and_leaves_the_one_that_is_leased_next) {
  make({.connections_max = 8, .idle_min = 8, .lifetime_max = 0s});
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_ += 1ms);
  now_ += 30s;
  const auto take = [&] { return pool().take_unchecked(now_, now_, {}); };
  std::vector<lease_id> out;
  while (const auto one = take()) out.push_back(one->id);
  EXPECT_EQ(out.size(), 4U);
  EXPECT_EQ(pool().in_use(), 0U) << "nobody has them";
  for (const auto id : out) pool().give_back_checked(id, true, now_);
  out.clear();
  while (const auto one = take()) out.push_back(one->id);
  EXPECT_EQ(out.size(), 3U) << "the newest is there for a call";
  for (const auto id : out) pool().give_back_checked(id, true, now_);
  EXPECT_TRUE(take());
  EXPECT_FALSE(take());
}

TEST_F(pool_core_test, makes_no_more_idle_ones_than_may_be) {
  make({.connections_max = 3, .idle_max = 1, .idle_min = 2});
  EXPECT_EQ(dials().size(), 1U);
}

TEST_F(pool_core_test, checks_each_that_nobody_used_and_leaves_it_where_it_was) {
  make({.connections_max = 4, .idle_min = 3, .lifetime_max = 0s});
  for (const auto slot : dials()) pool().dialed(slot, connection(), now_ += 1s);
  now_ += 30s;
  const auto oldest = pool().oldest_idle_since();
  EXPECT_EQ(pool().next_check(30s), *oldest + 30s);
  std::vector<lease_id> checked;
  while (const auto one =
             pool().take_unchecked(now_ - 30s, now_, std::source_location::current())) {
    EXPECT_FALSE(one->reused);
    checked.push_back(one->id);
  }
  ASSERT_EQ(checked.size(), 2U) << "the third was made too late";
  EXPECT_EQ(pool().leases().size(), 2U) << "the ledger has them";
  EXPECT_EQ(pool().give_back_checked(checked[1], true, now_), returned::kept);
  EXPECT_EQ(pool().give_back_checked(checked[0], true, now_), returned::kept);
  EXPECT_EQ(pool().oldest_idle_since(), oldest);
  EXPECT_FALSE(pool().take_unchecked(now_ - 30s, now_, std::source_location::current()));
  EXPECT_EQ(pool().metrics().counts.checks, 2U);
  EXPECT_EQ(pool().metrics().counts.checks_failed, 0U);
}

TEST_F(pool_core_test, closes_what_a_check_found_dead_and_gives_what_is_well_to_who_waits) {
  make({.connections_max = 1, .lifetime_max = 0s});
  pool().give_back(dialed_lease(), true, now_);
  now_ += 30s;
  auto one = pool().take_unchecked(now_, now_, std::source_location::current());
  ASSERT_TRUE(one);
  const auto waits = ask();
  EXPECT_EQ(last_outcome_, outcome::waiting);
  EXPECT_EQ(pool().give_back_checked(one->id, true, now_), returned::kept);
  ASSERT_TRUE(waits->lease);
  pool().give_back(*waits->lease, true, now_);
  now_ += 30s;
  one = pool().take_unchecked(now_, now_, std::source_location::current());
  ASSERT_TRUE(one);
  EXPECT_EQ(pool().give_back_checked(one->id, false, now_), returned::closed);
  EXPECT_EQ(pool().metrics().connections, 0U);
  EXPECT_EQ(pool().metrics().counts.checks_failed, 1U);
}

}  // namespace
}  // namespace waitstate::client
