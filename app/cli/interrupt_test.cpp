#include "app/cli/interrupt.h"

#include <csignal>

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

TEST(interrupt, is_noted_once) {
  const interrupt_guard guard;
  EXPECT_FALSE(guard.happened());
  std::raise(SIGINT);
  EXPECT_TRUE(guard.happened());
  struct sigaction now{};
  ::sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);  // the next one ends the program
}

TEST(interrupt, of_an_earlier_guard_is_forgotten) {
  {
    const interrupt_guard guard;
    std::raise(SIGINT);
  }
  EXPECT_FALSE(interrupt_guard().happened());
}

}  // namespace
}  // namespace waitstate::cli
