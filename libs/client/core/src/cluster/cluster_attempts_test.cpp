// How long an attempt may take, what is tried beside it, and how many calls may be under way.
#include <chrono>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using operation = std::function<task<std::string>(attempt*)>;

task<std::string> ask(attempt* a) {
  const std::string question = "why?";
  a->bytes_written = false;
  const auto [unsent, sent] =
      co_await asio::async_write(**a->over, asio::buffer(question), as_value);
  a->wrote(sent);
  if (unsent) co_return failure((*a->over)->why_failed(unsent, "ask"));
  std::string answer(question.size(), 0);
  for (std::size_t at = 0; at < answer.size();) {
    const auto [unread, got] = co_await (*a->over)->async_read_some(
        asio::buffer(answer.data() + at, answer.size() - at), as_value);
    a->read(got);
    at += got;
    if (unread) co_return failure((*a->over)->why_failed(unread, "ask"));
  }
  a->over->keep();
  co_return to_string((*a->over)->remote());
}

/// Answers each question after so long, its bytes as far apart.
test_server::behaviour slow(duration first, duration between = 0ms) {
  return [=](int socket) {
    char byte = 0;
    for (int i = 0; ::read(socket, &byte, 1) == 1; ++i) {
      std::this_thread::sleep_for(i % 4 == 0 ? first : between);
      if (!send_all(socket, {&byte, 1})) return;
    }
  };
}

class cluster_attempts_test : public testing::Test {
 protected:
  void TearDown() override {
    if (cluster_) cluster_->stop();
    io_.stop();
  }

  void open(const std::vector<weighted_endpoint>& servers, cluster_settings settings) {
    // In turn, so that a test knows who comes next.
    settings.balance.policy = balance_policy::round_robin;
    cluster_ = cluster::make(io_.executor(), static_source(servers), std::move(settings)).value();
  }

  result<std::string> call(bool is_idempotent = true, duration time = 5s) {
    const call_options options{
        .deadline = time, .idempotent = is_idempotent, .may_run_twice = true};
    return io_.await(cluster_->call<std::string>(options, operation(ask)));
  }

  test_io io_{2};
  std::shared_ptr<cluster> cluster_;
};

TEST_F(cluster_attempts_test, a_server_that_hangs_does_not_eat_the_whole_deadline) {
  const test_server hangs(test_server::read_to_end);
  const test_server answers(test_server::echo);
  open({{.at = hangs.at()}, {.at = answers.at()}}, {.retries = {.attempt_time_max = 50ms}});
  for (int i = 0; i < 4; ++i) {
    const auto began = clock::now();
    const auto got = call();
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(*got, to_string(answers.at()));
    EXPECT_LT(clock::now() - began, 1s);
  }
  EXPECT_GE(cluster_->metrics().retries, 1U);
}

TEST_F(cluster_attempts_test, an_answer_that_has_begun_has_the_whole_deadline) {
  const test_server trickles(slow(0ms, 60ms));
  open({{.at = trickles.at()}}, {.retries = {.attempt_time_max = 100ms}});
  const auto began = clock::now();
  EXPECT_TRUE(call());
  EXPECT_GT(clock::now() - began, 120ms);
}

TEST_F(cluster_attempts_test, what_is_not_idempotent_has_the_whole_deadline) {
  const test_server waits(slow(150ms));
  open({{.at = waits.at()}}, {.retries = {.attempt_time_max = 50ms}});
  EXPECT_TRUE(call(false));
}

TEST_F(cluster_attempts_test, the_last_attempt_has_what_is_left) {
  const test_server waits(slow(300ms));
  open({{.at = waits.at()}}, {.retries = {.attempts_max = 2, .attempt_time_max = 50ms}});
  EXPECT_TRUE(call());
  EXPECT_EQ(cluster_->metrics().attempts, 2U);
}

TEST_F(cluster_attempts_test, a_slow_call_is_made_at_another_server_beside) {
  const test_server hangs(test_server::read_to_end);
  const test_server answers(test_server::echo);
  open({{.at = hangs.at()}, {.at = answers.at()}}, {.retries = {.hedge_after = 30ms}});
  for (int i = 0; i < 10; ++i) {
    const auto began = clock::now();
    const auto got = call();
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(*got, to_string(answers.at()));
    EXPECT_LT(clock::now() - began, 1s);
  }
  const auto m = cluster_->metrics();
  EXPECT_GE(m.hedges, 4U);
  EXPECT_LE(m.hedges, 10U);
  EXPECT_EQ(m.calls, 10U) << "two halves are one call";
  EXPECT_EQ(std::accumulate(m.answered_in.calls.begin(), m.answered_in.calls.end(), 0U), 10U);
  EXPECT_TRUE(soon([&] {
    const auto now = cluster_->metrics();
    return now.endpoints[0].leased == 0 && now.endpoints[1].leased == 0;
  }));
}

TEST_F(cluster_attempts_test, a_hedged_call_counts_as_one_that_is_not) {
  const test_server first(slow(60ms));
  const test_server second(slow(60ms));
  open({{.at = first.at()}, {.at = second.at()}}, {.retries = {.hedge_after = 10ms}});
  // As HTTP does with a 503: a value for the caller.
  const operation fails = [](attempt* a) -> task<std::string> {
    auto got = co_await ask(a);
    a->outcome = call_outcome::failed;
    co_return got;
  };
  const call_options options{.deadline = 5s, .idempotent = true, .may_run_twice = true};
  ASSERT_TRUE(io_.await(cluster_->call<std::string>(options, fails)));
  const auto m = cluster_->metrics();
  EXPECT_EQ(m.hedges, 1U);
  EXPECT_EQ(std::accumulate(m.answered_in.calls.begin(), m.answered_in.calls.end(), 0U), 0U);
  EXPECT_EQ(std::accumulate(m.failed_in.calls.begin(), m.failed_in.calls.end(), 0U), 1U);
}

TEST_F(cluster_attempts_test, a_hedged_call_is_one_of_those_under_way) {
  const test_server hangs(test_server::read_to_end);
  const test_server answers(test_server::echo);
  open({{.at = hangs.at()}, {.at = answers.at()}},
       {.calls_max = 1, .retries = {.hedge_after = 10ms}});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(call());
  auto m = cluster_->metrics();
  EXPECT_GE(m.hedges, 2U);
  EXPECT_EQ(m.shed, 0U);
  EXPECT_EQ(std::accumulate(m.failed_in.calls.begin(), m.failed_in.calls.end(), 0U), 0U);

  const operation asks_within = [this](attempt* a) -> task<std::string> {
    const call_options options{.deadline = 5s, .idempotent = true, .may_run_twice = true};
    const auto refused = co_await cluster_->call<std::string>(options, operation(ask));
    EXPECT_FALSE(refused);
    if (!refused) {
      EXPECT_EQ(refused.error().code, errc::overloaded);
    }
    a->over->keep();
    co_return "fine";
  };
  EXPECT_TRUE(io_.await(cluster_->call<std::string>({.deadline = 5s}, asks_within)));
  m = cluster_->metrics();
  EXPECT_EQ(m.shed, 1U);
  EXPECT_EQ(std::accumulate(m.failed_in.calls.begin(), m.failed_in.calls.end(), 0U), 0U)
      << "one that was refused at once did not fail";
}

TEST_F(cluster_attempts_test, a_call_is_not_hedged_where_no_other_server_is_well) {
  const test_server alone(slow(60ms));
  open({{.at = alone.at()}}, {.retries = {.hedge_after = 10ms}});
  EXPECT_TRUE(call());
  EXPECT_EQ(cluster_->metrics().attempts, 1U);
  EXPECT_EQ(cluster_->metrics().retries, 0U) << "nor does it cost one";
  cluster_->stop();

  const test_server other(slow(60ms));
  open({{.at = alone.at()}, {.at = other.at()}},
       {.failures = {.failures_in_a_row_max = 1}, .retries = {.hedge_after = 10ms}});
  cluster_->report(other.at(), call_outcome::failed);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call().value_or("none"), to_string(alone.at()));
  EXPECT_EQ(cluster_->metrics().attempts, 3U);
  EXPECT_EQ(cluster_->metrics().hedges, 0U);
}

TEST_F(cluster_attempts_test, hedging_keeps_to_the_retry_budget) {
  const test_server first(slow(60ms));
  const test_server second(slow(60ms));
  open({{.at = first.at()}, {.at = second.at()}},
       {.retries = {.hedge_after = 10ms},
        .retry_budget = {.window = 10s, .retries_per_second = 0.2, .retries_per_call = 0}});
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(call());
  const auto m = cluster_->metrics();
  EXPECT_EQ(m.hedges, 2U);
  EXPECT_EQ(m.retries_over_budget, 4U);
}

TEST_F(cluster_attempts_test, what_is_not_idempotent_is_made_once) {
  const test_server first(slow(60ms));
  const test_server second(slow(60ms));
  open({{.at = first.at()}, {.at = second.at()}}, {.retries = {.hedge_after = 10ms}});
  EXPECT_TRUE(call(false));
  EXPECT_EQ(cluster_->metrics().attempts, 1U);
}

TEST_F(cluster_attempts_test, more_calls_than_may_be_under_way_are_refused_at_once) {
  const test_server waits(slow(300ms));
  open({{.at = waits.at()}}, {.calls_max = 4});
  std::vector<std::future<result<std::string>>> all;
  const call_options options{.deadline = 5s};
  for (int i = 0; i < 10; ++i) {
    all.push_back(asio::co_spawn(
        io_.executor(), cluster_->call<std::string>(options, operation(ask)), asio::use_future));
  }
  int refused = 0;
  for (auto& one : all) {
    const auto got = one.get();
    if (got) continue;
    ++refused;
    EXPECT_EQ(got.error().code, errc::overloaded);
    EXPECT_FALSE(got.error().is_sent);
  }
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(cluster_->metrics().shed, 6U);
  EXPECT_TRUE(call()) << "there is room again";
}

}  // namespace
}  // namespace waitstate::client
