#include "redis/redis_queue.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

redis_pending request(std::uint64_t number, bool is_read = false) {
  return {.number = number, .is_read = is_read};
}

/// "3:GET a(written,begun) 4:SET": what is lost.
std::string lost(redis_queue& queue) {
  std::string all;
  for (const auto& one : queue.take_lost()) {
    all += std::to_string(one.what.number) + ":" + one.bytes + (one.is_written ? "!" : "") +
           (one.is_begun ? "~" : "") + " ";
  }
  return all;
}

TEST(redis_queue, writes_together_what_came_together) {
  redis_queue queue;
  queue.push(request(1), "one");
  queue.push(request(2), "two");
  EXPECT_TRUE(queue.has_unwritten());
  EXPECT_EQ(queue.begin_write(), "onetwo");
  EXPECT_FALSE(queue.has_unwritten());
  queue.push(request(3), "three");
  queue.written(6);
  EXPECT_EQ(queue.begin_write(), "three");
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.bytes(), 11U);
  EXPECT_EQ(queue.pop().number, 1U);
  EXPECT_EQ(queue.pop().number, 2U);
  EXPECT_EQ(queue.bytes(), 5U);
}

TEST(redis_queue, gives_back_what_was_not_answered_and_whether_it_was_written) {
  redis_queue queue;
  queue.push(request(1), "one");
  queue.push(request(2), "two");
  queue.push(request(3), "three");
  (void)queue.begin_write();
  queue.written(7);
  queue.push(request(4), "four");
  (void)queue.pop();
  queue.begun();
  EXPECT_EQ(lost(queue), "2:two!~ 3:three! 4:four ");
  EXPECT_TRUE(queue.is_empty());
}

TEST(redis_queue, knows_what_was_not_written_at_all) {
  redis_queue queue;
  queue.push(request(1), "one");
  queue.push(request(2), "two");
  (void)queue.begin_write();
  queue.written(3);
  queue.write_failed();
  EXPECT_EQ(lost(queue), "1:one! 2:two ");
}

TEST(redis_queue, takes_for_written_what_a_write_has_that_was_not_heard_of) {
  redis_queue queue;
  queue.push(request(1), "one");
  queue.push(request(2), "two");
  (void)queue.begin_write();
  queue.push(request(3), "three");
  EXPECT_EQ(lost(queue), "1:one! 2:two! 3:three ");
}

TEST(redis_queue, may_be_answered_before_the_write_is_told_of) {
  redis_queue queue;
  queue.push(request(1), "one");
  (void)queue.begin_write();
  EXPECT_EQ(queue.pop().number, 1U);
  queue.written(3);
  queue.push(request(2), "two");
  (void)queue.begin_write();
  queue.written(3);
  EXPECT_EQ(queue.pop().number, 2U);
  queue.push(request(3), "three");
  EXPECT_EQ(queue.bytes(), 5U);
  EXPECT_EQ(lost(queue), "3:three ");
}

TEST(redis_queue, keeps_the_place_of_what_has_no_bytes) {
  redis_queue queue;
  queue.push(request(1), "one");
  queue.push({.number = 2, .is_greeting = true}, "");
  queue.push(request(3), "three");
  EXPECT_EQ(lost(queue), "1:one 2: 3:three ");
}

TEST(redis_queue, forgets_what_belongs_to_no_request_once_it_is_written) {
  redis_queue queue;
  queue.push(request(1), "MULTI");
  (void)queue.begin_write();
  queue.written(5);
  (void)queue.pop();
  queue.push_raw("raw");
  EXPECT_EQ(queue.bytes(), 3U);
  EXPECT_EQ(queue.begin_write(), "raw");
  queue.written(1);
  EXPECT_EQ(queue.bytes(), 3U);
  queue.written(2);
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(may_send_again, holds_for_reads_and_for_what_was_not_written) {
  const redis_lost read{.what = request(1, true), .is_written = true};
  EXPECT_TRUE(may_send_again(read));
  const redis_lost write{.what = request(1), .is_written = true};
  EXPECT_FALSE(may_send_again(write));
  const redis_lost unwritten{.what = request(1)};
  EXPECT_TRUE(may_send_again(unwritten));
  const redis_lost begun{.what = request(1, true), .is_written = true, .is_begun = true};
  EXPECT_FALSE(may_send_again(begun));
  redis_lost poison{.what = request(1, true), .is_written = true};
  poison.what.tries = 3;
  EXPECT_FALSE(may_send_again(poison));
}

}  // namespace
}  // namespace waitstate::sidecar
