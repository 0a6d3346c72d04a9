#include "facts.h"

#include <gtest/gtest.h>

namespace waitstate::render {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST(facts, a_time_reads_back) {
  for (const auto second : {0LL, 1'767'608'527LL, 951'782'400LL, 9'214'646'399LL}) {
    const sys_seconds time{seconds{second}};
    EXPECT_EQ(parse_timestamp(timestamp(time)), time) << second;
  }
}

TEST(facts, no_other_text_is_a_time) {
  for (const auto* text :
       {"", "2026-01-05", "2026-01-05 10:22:07Z", "2026-01-05T10:22:07", "2026-13-05T10:22:07Z",
        "2026-02-29T10:22:07Z", "2026-01-05T24:00:00Z", "2026-01-05T10:60:07Z",
        "2026-01-05T10:22:60Z", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z",
        "-026-01-05T10:22:07Z", "2026-01-05T10:22:-7Z", "2026-01-05T10:22:07Z "}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace waitstate::render
