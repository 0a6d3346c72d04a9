#include <benchmark/benchmark.h>

#include "pool/pool_core.h"

namespace waitstate::client {
namespace {

class stub : public pooled {};

pool_core& warm_pool() {
  static capacity room;
  static pool_core pool({.connections_max = 64}, room);
  if (pool.connections() == 0) {
    pool.prewarm(64);
    while (const auto slot = pool.next_dial()) {
      pool.dialed(*slot, std::make_shared<stub>(), clock::now());
    }
  }
  return pool;
}

void lease_and_return(benchmark::State& state) {
  auto& pool = warm_pool();
  for (auto _ : state) {
    const auto lease = pool.try_acquire(clock::now(), std::source_location::current());
    benchmark::DoNotOptimize(lease);
    pool.give_back(lease->id, true, clock::now());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(lease_and_return)->UseRealTime();
BENCHMARK(lease_and_return)->Threads(2)->UseRealTime();
BENCHMARK(lease_and_return)->Threads(8)->UseRealTime();

}  // namespace
}  // namespace waitstate::client
