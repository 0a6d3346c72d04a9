#include "http_retry_after.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

TEST(http_retry_after, reads_seconds_and_no_dates) {
  EXPECT_EQ(retry_after("0"), 0s);
  EXPECT_EQ(retry_after("120"), 120s);
  for (const auto* const none :
       {"", "-1", "1.5", "5s", "99999999999", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    EXPECT_EQ(retry_after(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace waitstate::client
