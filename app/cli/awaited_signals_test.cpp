#include "app/cli/awaited_signals.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

using namespace std::chrono_literals;

TEST(awaited_signals, wait_until_they_are_asked_for) {
  const awaited_signals signals;
  EXPECT_FALSE(signals.wait(1ms));
  ::raise(SIGHUP);
  EXPECT_FALSE(signals.is_end_asked());
  ::raise(SIGTERM);
  EXPECT_TRUE(signals.is_end_asked());
  EXPECT_EQ(signals.wait(1s), SIGHUP);
  EXPECT_EQ(signals.wait(1s), SIGTERM);
  EXPECT_FALSE(signals.is_end_asked());
}

TEST(awaited_signals, are_as_before_afterwards) {
  {
    const awaited_signals signals;
  }
  sigset_t now;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(::sigismember(&now, SIGTERM), 0);
}

}  // namespace
}  // namespace waitstate::cli
