#include "cluster/retry_rule.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using enum retry_verdict;

constexpr time_point start{1h};

retry_verdict decide(const attempt_facts& facts) {
  return decide_retry(facts, {}, start + 1s, start);
}

TEST(retry_rule, follows_the_table) {
  struct row {
    bool reused, written, idempotent, answered, elsewhere;
    retry_verdict expected;
  };
  const row rows[] = {
      // Nothing was written: any call, but not again on a new connection to the same server.
      {true, false, false, false, false, retry},
      {true, false, false, false, true, retry},
      {false, false, false, false, true, retry},
      {false, false, false, false, false, new_connection},
      // Written: only what is idempotent.
      {true, true, false, false, false, not_idempotent},
      {true, true, false, false, true, not_idempotent},
      {false, true, false, false, true, not_idempotent},
      {true, true, true, false, false, retry},
      {true, true, true, false, true, retry},
      {false, true, true, false, true, retry},
      {false, true, true, false, false, new_connection},
      // A byte of the answer was there.
      {true, true, true, true, true, answered},
      {true, true, false, true, true, answered},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(decide({.reused = r.reused,
                      .bytes_written = r.written,
                      .response_byte_seen = r.answered,
                      .idempotent = r.idempotent,
                      .elsewhere = r.elsewhere}),
              r.expected)
        << "row " << &r - rows;
  }
}

TEST(retry_rule, a_request_that_the_server_refused_untouched_is_safe) {
  EXPECT_EQ(decide({.bytes_written = true, .response_byte_seen = true, .refused = true}), retry);
}

TEST(retry_rule, a_body_that_is_used_up_cannot_be_sent_again) {
  EXPECT_EQ(decide({.reused = true, .replayable = false}), not_replayable);
  EXPECT_EQ(decide({.replayable = false, .refused = true}), not_replayable);
}

TEST(retry_rule, ends_at_the_deadline_and_after_enough_attempts) {
  const attempt_facts safe{.reused = true};
  EXPECT_EQ(decide_retry(safe, {}, start, start), past_deadline);
  EXPECT_EQ(decide({.attempt = 2, .reused = true}), retry);
  EXPECT_EQ(decide({.attempt = 3, .reused = true}), too_many_attempts);
  EXPECT_EQ(decide_retry(safe, {.attempts_max = 1}, start + 1s, start), too_many_attempts);
}

}  // namespace
}  // namespace waitstate::client
