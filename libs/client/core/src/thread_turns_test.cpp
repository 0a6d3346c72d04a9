#include "thread_turns.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// An executor's own thread, which has nothing to do but to step aside when it is asked to.
class own_thread {
 public:
  ~own_thread() {
    turns_.finish();
    is_over_ = true;
    runs_.join();
  }

  thread_turns& turns() { return turns_; }
  /// Calls of one caller, one soon after the other, until it is given the turn.
  int calls_until_given() {
    const auto until = clock::now() + 20s;  // a busy machine takes the thread away at any moment
    for (int calls = 1; clock::now() < until; ++calls) {
      if (turns_.begin(clock::now())) return calls;
      turns_.end(clock::now());
    }
    return 0;
  }

 private:
  void work() {
    while (!is_over_) {
      if (turns_.is_asked_aside()) {
        if (!turns_.step_aside()) return;
      } else {
        std::this_thread::sleep_for(10us);
      }
    }
  }

  std::atomic<bool> is_over_{false};
  thread_turns turns_{[] {}};
  std::thread runs_{[this] { work(); }};
};

TEST(thread_turns, a_caller_who_is_alone_is_given_the_turn_after_some_calls) {
  own_thread own;
  EXPECT_GE(own.calls_until_given(), thread_turns::alone_before);
  own.turns().end_of_runner(5, clock::now());
  // And the next time at once, unless a busy machine took the thread away in between.
  EXPECT_TRUE(soon([&] {
    const auto calls = own.calls_until_given();
    own.turns().end_of_runner(5, clock::now());
    return calls == 1;
  }));
}

TEST(thread_turns, the_own_thread_comes_back_when_nobody_calls) {
  own_thread own;
  ASSERT_GT(own.calls_until_given(), 0);
  own.turns().end_of_runner(5, clock::now());
  std::this_thread::sleep_for(50 * thread_turns::unused_max);
  EXPECT_FALSE(own.turns().begin(clock::now()));
  own.turns().end(clock::now());
}

TEST(thread_turns, it_comes_back_for_a_second_caller) {
  own_thread own;
  ASSERT_GT(own.calls_until_given(), 0);
  EXPECT_FALSE(own.turns().begin(clock::now())) << "two do not run it";
  own.turns().end_of_runner(5, clock::now());
  EXPECT_FALSE(own.turns().begin(clock::now())) << "the one that waits needs the own thread";
  own.turns().end(clock::now());
  own.turns().end(clock::now());
}

TEST(thread_turns, it_comes_back_where_there_is_other_work) {
  own_thread own;
  ASSERT_GT(own.calls_until_given(), 0);
  own.turns().end_of_runner(thread_turns::pieces_max + 1, clock::now());
  for (int i = 0; i < 2 * thread_turns::alone_before; ++i) {
    EXPECT_FALSE(own.turns().begin(clock::now()));
    own.turns().end(clock::now());
  }
}

TEST(thread_turns, it_comes_back_after_a_call_that_took_long) {
  own_thread own;
  ASSERT_GT(own.calls_until_given(), 0);
  std::this_thread::sleep_for(20 * thread_turns::unused_max);
  own.turns().end_of_runner(5, clock::now());
  std::this_thread::sleep_for(50 * thread_turns::unused_max);
  EXPECT_FALSE(own.turns().begin(clock::now()));
  own.turns().end(clock::now());
}

TEST(thread_turns, callers_that_are_slow_or_several_leave_it_where_it_is) {
  thread_turns turns([] { FAIL() << "asked aside"; });
  auto now = clock::now();
  for (int i = 0; i < 100; ++i) {
    now += 2 * thread_turns::pause_max;
    EXPECT_FALSE(turns.begin(now));
    turns.end(now);
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(turns.begin(now));
    EXPECT_FALSE(turns.begin(now));
    turns.end(now);
    turns.end(now);
  }
  EXPECT_FALSE(turns.is_asked_aside());
}

TEST(thread_turns, one_that_must_not_step_aside_is_never_asked) {
  thread_turns turns(nullptr);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(turns.begin(clock::now()));
    turns.end(clock::now());
  }
  EXPECT_FALSE(turns.is_asked_aside());
}

}  // namespace
}  // namespace waitstate::client
