#include "http_retry_after.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// 1994-11-06 08:49:37, the date of RFC 9110.
constexpr std::chrono::system_clock::time_point then(784'111'777s);

std::optional<std::chrono::seconds> after(std::string_view text) {
  return retry_after(text, then);
}

TEST(retry_after, is_a_number_of_seconds) {
  EXPECT_EQ(after("0"), 0s);
  EXPECT_EQ(after("120"), 120s);
  EXPECT_EQ(after("4294967295"), 4294967295s);
}

TEST(retry_after, is_a_date_in_any_of_its_three_forms) {
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:50:07 GMT"), 30s);
  EXPECT_EQ(after("Sunday, 06-Nov-94 08:50:07 GMT"), 30s);
  EXPECT_EQ(after("Sun Nov  6 08:50:07 1994"), 30s);
  EXPECT_EQ(after("Mon, 07 Nov 1994 08:49:37 GMT"), 24h);
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:38 GMT", then + 1ms), 1s) << "not too early";
  EXPECT_EQ(after("Sat, 05 Nov 1994 08:49:37 GMT"), 0s) << "it is over";
}

TEST(retry_after, is_nothing_else) {
  for (const auto* const text :
       {"", "soon", "-1", "1.5", "4294967296", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov", "Sun",
        "Sun Nov  6 08:50:07 1994 GMT", ", , , , ", "Sun, 06 Nov 19x4 08:49:37 GMT"}) {
    EXPECT_EQ(after(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace waitstate::client
