#include "net/shared_timer.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include "net/per_executor.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class shared_timer_test : public testing::Test {
 protected:
  std::shared_ptr<reminder> counting(int& calls) {
    return timer_->make_reminder([&calls](time_point) { ++calls; });
  }

  asio::io_context io_;
  std::shared_ptr<shared_timer> timer_ = per_executor<shared_timer>::of(io_.get_executor()).value();
};

TEST(rounded_up, gives_the_next_multiple) {
  EXPECT_EQ(rounded_up(time_point(40ms), 20ms), time_point(40ms));
  EXPECT_EQ(rounded_up(time_point(40ms + 1ns), 20ms), time_point(60ms));
  EXPECT_EQ(rounded_up(time_point(60ms - 1ns), 20ms), time_point(60ms));
}

TEST_F(shared_timer_test, is_one_for_an_executor_and_another_for_another) {
  asio::io_context other;
  EXPECT_EQ(per_executor<shared_timer>::of(asio::make_strand(io_)).value(), timer_);
  EXPECT_NE(per_executor<shared_timer>::of(other.get_executor()).value(), timer_);
}

TEST_F(shared_timer_test, ends_with_the_last_who_has_it) {
  const std::weak_ptr before(timer_);
  timer_.reset();
  EXPECT_TRUE(before.expired());
  EXPECT_TRUE(per_executor<shared_timer>::of(io_.get_executor()));
}

TEST_F(shared_timer_test, calls_at_the_time_and_not_before) {
  int calls = 0;
  time_point called;
  const auto at = clock::now() + 50ms;
  const auto r = timer_->make_reminder([&](time_point now) {
    ++calls;
    called = now;
  });
  r->remind_by(at);
  EXPECT_TRUE(r->is_due_by(at));
  EXPECT_FALSE(r->is_due_by(at - 1ns));
  io_.run();
  EXPECT_EQ(calls, 1);
  EXPECT_GE(called, at);
  EXPECT_FALSE(r->is_due_by(time_point::max() - 1ns)) << "once";
}

TEST_F(shared_timer_test, an_earlier_time_counts_and_a_later_one_does_not) {
  int calls = 0;
  const auto r = counting(calls);
  const auto began = clock::now();
  r->remind_by(began + 1h);
  io_.poll();
  r->remind_by(began + 30ms);
  r->remind_by(began + 2h);
  io_.run();
  EXPECT_EQ(calls, 1);
  EXPECT_LT(clock::now() - began, 30min);
}

TEST_F(shared_timer_test, many_at_about_the_same_time_are_one_wake_up) {
  int calls = 0;
  std::vector<std::shared_ptr<reminder>> all;
  const auto at = rounded_up(clock::now() + 60ms, shared_timer::tick);
  for (int i = 0; i < 500; ++i) {
    all.push_back(counting(calls));
    all.back()->remind_by(at - i * 1us);
  }
  io_.run();
  EXPECT_EQ(calls, 500);
  EXPECT_EQ(timer_->wake_ups(), 1U);
}

TEST_F(shared_timer_test, a_handler_may_ask_again) {
  int calls = 0;
  std::shared_ptr<reminder> r;
  r = timer_->make_reminder([&](time_point now) {
    if (++calls < 3) r->remind_by(now + 1ms);
  });
  r->remind_by(clock::now());
  io_.run();
  EXPECT_EQ(calls, 3);
}

TEST_F(shared_timer_test, whom_nobody_waits_for_keeps_no_executor_at_work) {
  int calls = 0;
  const auto r = counting(calls);
  auto gone = counting(calls);
  const auto began = clock::now();
  r->remind_by(began + 1h);
  gone->remind_by(began + 1h);
  io_.poll();
  gone.reset();
  r->forget();
  io_.run_for(10s);
  EXPECT_LT(clock::now() - began, 10s);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(timer_->wake_ups(), 0U);
}

TEST_F(shared_timer_test, no_time_is_lost_between_threads) {
  std::atomic<int> wanted{0};
  std::atomic<int> seen{0};
  const auto r = timer_->make_reminder([&](time_point) { seen = wanted.load(); });
  auto work = asio::make_work_guard(io_);
  std::thread running([&] { io_.run(); });
  for (int i = 1; i <= 20; ++i) {
    std::vector<std::thread> asking;
    for (int j = 0; j < 3; ++j) asking.emplace_back([&] { r->remind_by(clock::now()); });
    wanted = i;
    r->remind_by(clock::now());
    const auto began = clock::now();
    while (seen != i && clock::now() - began < 10s) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(seen, i) << "what happened before remind_by() is seen by the call";
    for (auto& thread : asking) thread.join();
  }
  work.reset();
  running.join();
}

}  // namespace
}  // namespace waitstate::client
