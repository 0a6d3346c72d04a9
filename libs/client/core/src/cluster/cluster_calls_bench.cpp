#include <benchmark/benchmark.h>

#include <memory>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

task<> call_again_and_again(std::shared_ptr<cluster> over, benchmark::State* state) {
  const std::function<task<bool>(attempt*)> nothing = [](attempt* made) -> task<bool> {
    made->over->keep();
    co_return true;
  };
  const call_options wanted{.deadline = clock::now() + 1h};
  for (auto _ : *state) {
    const auto done = co_await over->call<bool>(wanted, nothing);
    if (!done) co_return failure(done.error());
  }
  co_return result<>{};
}

/// What a cluster costs a call: everything but the bytes, over one idle connection.
void call_of_nothing(benchmark::State& state) {
  const test_server server(test_server::read_to_end);
  test_io io;
  const auto over = cluster::make(io.executor(), static_source({{.at = server.at()}}), {}).value();
  io.spawn(over->run());
  const auto done = io.await(call_again_and_again(over, &state));
  if (!done) state.SkipWithError(done.error().what.c_str());
  over->stop();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(call_of_nothing)->UseRealTime();

}  // namespace
}  // namespace waitstate::client
