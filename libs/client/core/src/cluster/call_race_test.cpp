#include "cluster/call_race.h"

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// What one of two does: it takes so long, and ends so.
struct plan {
  duration takes;
  bool is_well = true;
};

task<> runner(plan what, std::atomic<int>* cancelled, std::atomic<int>* under_way) {
  ++*under_way;
  asio::steady_timer timer(co_await asio::this_coro::executor, what.takes);
  const auto [code] = co_await timer.async_wait(as_value);
  --*under_way;
  if (code) ++*cancelled;
  if (!code && what.is_well) co_return result<>{};
  co_return failure({.code = errc::unavailable, .what = "no", .hint = {}});
}

class call_race_test : public testing::Test {
 protected:
  result<std::size_t> of(plan first, plan second, duration after = 20ms, bool may_begin = true) {
    const auto answer = io_.await(race(
        after, [may_begin] { return may_begin; },
        [&, first, second](std::size_t which) {
          ++begun_;
          return runner(which == 0 ? first : second, &cancelled_, &under_way_);
        }));
    EXPECT_EQ(under_way_, 0) << "somebody was left behind";
    return answer;
  }

  test_io io_{2};
  std::atomic<int> begun_{0};
  std::atomic<int> cancelled_{0};
  std::atomic<int> under_way_{0};
};

TEST_F(call_race_test, begins_no_second_one_while_the_first_is_quick) {
  EXPECT_EQ(of({.takes = 1ms}, {.takes = 1ms}, 1s).value(), 0U);
  EXPECT_EQ(of({.takes = 1ms, .is_well = false}, {.takes = 1ms}, 1s).value(), 0U);
  EXPECT_EQ(begun_, 2);
}

TEST_F(call_race_test, takes_the_first_that_ends_well_and_cancels_the_other) {
  EXPECT_EQ(of({.takes = 1min}, {.takes = 1ms}).value(), 1U);
  EXPECT_EQ(cancelled_, 1);
  EXPECT_EQ(of({.takes = 60ms}, {.takes = 1min}).value(), 0U);
  EXPECT_EQ(cancelled_, 2);
}

TEST_F(call_race_test, waits_for_the_other_when_one_fails) {
  EXPECT_EQ(of({.takes = 60ms}, {.takes = 1ms, .is_well = false}).value(), 0U);
  EXPECT_EQ(of({.takes = 40ms, .is_well = false}, {.takes = 60ms}).value(), 1U);
  EXPECT_EQ(of({.takes = 40ms, .is_well = false}, {.takes = 60ms, .is_well = false}).value(), 0U);
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(call_race_test, goes_on_with_one_when_it_may_not_begin_another) {
  EXPECT_EQ(of({.takes = 60ms}, {.takes = 1ms}, 20ms, false).value(), 0U);
  EXPECT_EQ(begun_, 1);
}

TEST_F(call_race_test, cancels_both_and_leaves_nobody_behind) {
  asio::cancellation_signal stop;
  const std::function<task<>(std::size_t)> run = [this](std::size_t) {
    return runner({.takes = 1min}, &cancelled_, &under_way_);
  };
  auto ended = asio::co_spawn(io_.executor(),
                              race(
                                  1ms, [] { return true; }, run),
                              asio::bind_cancellation_slot(stop.slot(), asio::use_future));
  ASSERT_TRUE(soon([&] { return under_way_ == 2; }));
  asio::post(io_.executor(), [&] { stop.emit(asio::cancellation_type::terminal); });
  const auto got = ended.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::cancelled);
  EXPECT_EQ(cancelled_, 2);
  EXPECT_EQ(under_way_, 0);
}

TEST_F(call_race_test, hands_on_what_one_throws) {
  const std::function<task<>(std::size_t)> run = [](std::size_t) -> task<> {
    throw std::runtime_error("no");
  };
  EXPECT_THROW(std::ignore = io_.await(race(1ms, [] { return true; }, run)), std::runtime_error);
}

}  // namespace
}  // namespace waitstate::client
