#include "waitstate/client/http/http_keep_alive.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

TEST(http_keep_alive, reads_the_time_out_of_a_header) {
  EXPECT_EQ(keep_alive_timeout("timeout=5"), 5s);
  EXPECT_EQ(keep_alive_timeout("max=100, Timeout = 60"), 60s);
  EXPECT_EQ(keep_alive_timeout("timeout=\"15\",max=3"), 15s);
  for (const auto* const none : {"", "max=100", "timeout", "timeout=", "timeout=5s", "timeout=-1",
                                 "timeout=0", "timeout=99999999999", ",,,", "=5"}) {
    EXPECT_EQ(keep_alive_timeout(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace waitstate::client
