// A million operations in random order from eight threads: nothing is lost, everything adds up.
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pool/pool_core.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr int threads = 8;
constexpr int operations_each = 125'000;
constexpr std::uint32_t connections = 24;

class stub : public pooled {};

/// A grant that a thread waits for.
struct mailbox {
  std::mutex lock;
  std::condition_variable arrived;
  std::optional<lease_id> lease;
};

class worker {
 public:
  worker(pool_core& pool, unsigned seed) : pool_(pool), random_(seed) {}

  void run() {
    for (int i = 0; i < operations_each; ++i) step();
    while (!held_.empty()) give_back();
    dial();
  }

  std::uint64_t reclaimed = 0;
  std::uint64_t late = 0;
  std::vector<lease_id> granted;

 private:
  void step() {
    switch (random_() % 16) {
      case 0: return reclaim();
      case 1: return evict();
      case 2: return forget();
      default:
        if (held_.size() >= 4 || (random_() % 2 == 0 && !held_.empty())) return give_back();
        return acquire();
    }
  }

  void acquire() {
    const auto box = std::make_shared<mailbox>();
    const auto w = std::make_shared<pool_core::waiter>();
    w->granted = [box](const granted_lease& lease) {
      const std::scoped_lock held(box->lock);
      box->lease = lease.id;
      box->arrived.notify_one();
    };
    const auto got = pool_.acquire(clock::now(), w);
    if (got.what == pool_core::outcome::leased) return hold(got.lease.id);
    dial();
    const bool impatient = random_() % 4 == 0;
    if (impatient && pool_.withdraw(w)) return;
    // Whoever holds leases does not wait for ever: the others might wait for these.
    std::unique_lock waiting(box->lock);
    if (!box->arrived.wait_for(waiting, held_.empty() ? 20ms : 0ms,
                               [&] { return box->lease.has_value(); })) {
      waiting.unlock();
      if (pool_.withdraw(w)) return;
      waiting.lock();
      box->arrived.wait(waiting, [&] { return box->lease.has_value(); });
    }
    hold(*box->lease);
  }

  void hold(lease_id lease) {
    held_.push_back(lease);
    granted.push_back(lease);
  }

  void give_back() {
    const auto at = random_() % held_.size();
    const auto lease = held_[at];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
    const auto how = pool_.give_back(lease, random_() % 8 != 0, clock::now());
    if (how == pool_core::returned::late) ++late;
    dial();
  }

  void reclaim() {
    const auto leases = pool_.leases();
    if (leases.empty()) return;
    if (pool_.reclaim(leases[random_() % leases.size()].id)) ++reclaimed;
    dial();
  }

  /// A holder that never comes back: its lease is reclaimed for it.
  void forget() {
    if (held_.empty()) return;
    if (pool_.reclaim(held_.back())) ++reclaimed;
    held_.pop_back();
    dial();
  }

  void evict() {
    (void)pool_.take_oldest_idle();
    dial();
  }

  void dial() {
    while (const auto slot = pool_.next_dial()) {
      pool_.dialed(*slot, random_() % 8 != 0 ? std::make_shared<stub>() : nullptr, clock::now());
    }
  }

  pool_core& pool_;
  std::mt19937 random_;
  std::vector<lease_id> held_;
};

TEST(pool_core_threads, nothing_is_lost_and_all_counters_add_up) {
  capacity room(connections);
  pool_core pool({.connections_max = connections, .idle_time_max = 0s}, room);
  std::vector<worker> workers;
  workers.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(pool, i + 1);
  std::vector<std::thread> running;
  running.reserve(threads);
  for (auto& w : workers) running.emplace_back([&w] { w.run(); });
  for (auto& thread : running) thread.join();

  const auto counts = pool.counts();
  EXPECT_EQ(pool.leased(), 0U);
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_EQ(counts.leases, counts.returns + counts.reclaims);
  std::uint64_t late = 0;
  std::uint64_t reclaimed = 0;
  for (const auto& w : workers) {
    late += w.late;
    reclaimed += w.reclaimed;
  }
  std::vector<lease_id> granted;
  for (const auto& w : workers) granted.insert(granted.end(), w.granted.begin(), w.granted.end());
  std::ranges::sort(granted, {}, [](lease_id id) { return std::pair{id.slot, id.generation}; });
  EXPECT_EQ(std::ranges::adjacent_find(granted), granted.end()) << "no lease was given twice";
  EXPECT_EQ(counts.leases, granted.size());
  EXPECT_EQ(counts.late_returns, late);
  EXPECT_EQ(counts.reclaims, reclaimed);
  EXPECT_EQ(counts.dials, counts.closes + counts.dial_failures + pool.idle());
  EXPECT_EQ(room.used(), pool.idle());
  EXPECT_EQ(pool.connections(), pool.idle());
  EXPECT_GT(counts.leases, 100'000U);
  EXPECT_GT(counts.reclaims, 1'000U);
}

}  // namespace
}  // namespace waitstate::client
