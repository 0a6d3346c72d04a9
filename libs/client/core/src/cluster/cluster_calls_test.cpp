// What a call costs of the cluster's lock, and what its end does to the books.
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cluster/cluster_state.h"
#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

class cluster_books {
 public:
  static std::uint64_t times_held(const cluster& of) {
    const std::scoped_lock held(of.state_->lock);
    return of.state_->times_held;
  }
};

namespace {

using namespace std::chrono_literals;

task<bool> succeed(attempt* a) {
  if (a->over != nullptr) a->over->keep();
  co_return true;
}

task<bool> fail(attempt* a) {
  a->over->keep();
  a->response_byte_seen = true;
  co_return failure({.code = errc::unavailable, .what = "no", .hint = {}});
}

/// Without run(), whose rounds would hold the lock as well.
class cluster_calls_test : public testing::Test {
 protected:
  void TearDown() override {
    cluster_->stop();
    cluster_.reset();
    io_.stop();
  }

  result<bool> call(task<bool> (*operation)(attempt*)) {
    return io_.await(cluster_->call<bool>({.deadline = clock::now() + 5s}, operation));
  }

  std::uint64_t held_by(int calls, task<bool> (*operation)(attempt*)) {
    const auto before = cluster_books::times_held(*cluster_);
    for (int i = 0; i < calls; ++i) std::ignore = call(operation);
    return cluster_books::times_held(*cluster_) - before;
  }

  test_io io_{2};
  const test_server server_{test_server::read_to_end};
  const std::shared_ptr<endpoint_source> source_ = static_source({{.at = server_.at()}});
  std::shared_ptr<cluster> cluster_ = cluster::make(io_.executor(), source_,
                                                    {.failures = {.failures_in_a_row_max = 3,
                                                                  .success_rate_min = 0,
                                                                  .dead_first = 1ms,
                                                                  .dead_max = 1ms}})
                                          .value();
};

TEST_F(cluster_calls_test, a_call_that_succeeds_holds_the_lock_once) {
  ASSERT_TRUE(call(succeed));  // which connects
  EXPECT_EQ(held_by(100, succeed), 100U);
  const auto seen = cluster_->metrics();
  EXPECT_EQ(seen.calls, 101U);
  ASSERT_EQ(seen.endpoints.size(), 1U);
  EXPECT_EQ(seen.endpoints[0].succeeded, 101U);
  EXPECT_EQ(seen.endpoints[0].pending, 0U);
  EXPECT_GT(seen.endpoints[0].latency, 0ns);
}

TEST_F(cluster_calls_test, a_success_between_failures_counts_in_its_place) {
  ASSERT_TRUE(call(succeed));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(call(fail));
    EXPECT_FALSE(call(fail));
    EXPECT_TRUE(call(succeed));
  }
  EXPECT_EQ(cluster_->metrics().ejections, 0U);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(call(fail));
  EXPECT_EQ(cluster_->metrics().ejections, 1U);
}

TEST_F(cluster_calls_test, the_success_that_brings_a_server_back_is_known_at_once) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(call(fail));
  ASSERT_NE(cluster_->metrics().endpoints[0].state, health::alive);
  std::this_thread::sleep_for(3ms);  // over its dead time
  EXPECT_EQ(held_by(1, succeed), 2U);
  EXPECT_EQ(cluster_->metrics().endpoints[0].state, health::alive);
}

TEST_F(cluster_calls_test, no_call_is_lost_however_many_end_before_the_next_one) {
  constexpr std::size_t many = 2 * ended_calls::size + 1;
  cluster_->stop();
  cluster_ = cluster::make(io_.executor(), source_, {.pool = {.limits = {.connections_max = many}}})
                 .value();
  std::vector<cluster_lease> out;
  for (std::size_t i = 0; i < many; ++i) {
    auto over = io_.await(cluster_->acquire({.deadline = clock::now() + 5s}));
    ASSERT_TRUE(over);
    out.push_back(*std::move(over));
  }
  EXPECT_EQ(cluster_->metrics().endpoints[0].pending, many);
  for (auto& over : out) over.report(call_outcome::ok);
  const auto seen = cluster_->metrics();
  EXPECT_EQ(seen.endpoints[0].succeeded, many);
  EXPECT_EQ(seen.endpoints[0].pending, 0U);
}

}  // namespace
}  // namespace waitstate::client
