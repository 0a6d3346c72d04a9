#include "redis/redis_pin.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using enum redis_use;

struct step {
  redis_use use;
  std::string_view reply;
  bool is_in_multi;
  bool is_held;
};

/// After each reply, asked one at a time.
void expect(const std::vector<step>& steps) {
  redis_pin pin;
  std::uint64_t number = 0;
  for (const auto& s : steps) {
    pin.asked(s.use, number);
    EXPECT_FALSE(pin.is_settled());
    // As it may come.
    pin.replied(number, s.reply.substr(0, 1), false);
    pin.replied(number++, s.reply.substr(1), true);
    EXPECT_TRUE(pin.is_settled());
    EXPECT_FALSE(pin.is_ending());
    EXPECT_EQ(pin.is_in_multi(), s.is_in_multi) << number << s.reply;
    EXPECT_EQ(pin.is_held(), s.is_held) << number << s.reply;
  }
}

TEST(redis_pin, is_in_multi_from_what_the_server_took_to_what_it_ended) {
  expect({{multi, "+OK\r\n", true, true}, {ends_multi, "*0\r\n", false, false}});
  expect({{multi, "+OK\r\n", true, true}, {ends_multi, "+OK\r\n", false, false}});
  expect({{multi, "-ERR wrong number of arguments for 'multi' command\r\n", false, false},
          {ends_multi, "-ERR EXEC without MULTI\r\n", false, false}});
  expect({{multi, "-NOPERM User u has no permissions\r\n", false, false}});
  expect({{multi, "+OK\r\n", true, true},
          {multi, "-ERR MULTI calls can not be nested\r\n", true, true},
          {ends_multi, "-ERR wrong number of arguments for 'discard' command\r\n", true, true},
          {ends_multi, "-EXECABORT Transaction discarded because of previous errors.\r\n", false,
           false}});
}

TEST(redis_pin, watches_until_the_server_ends_it) {
  expect({{watch, "+OK\r\n", false, true}, {unwatch, "+OK\r\n", false, false}});
  expect({{watch, "-ERR wrong number of arguments for 'watch' command\r\n", false, false}});
  expect({{watch, "+OK\r\n", false, true},
          {unwatch, "-ERR wrong number of arguments for 'unwatch' command\r\n", false, true},
          {ends_multi, "-ERR DISCARD without MULTI\r\n", false, true},
          {ends_multi, "-ERR EXEC without MULTI\r\n", false, true},
          {multi, "+OK\r\n", true, true},
          {watch, "-ERR WATCH inside MULTI is not allowed\r\n", true, true},
          {unwatch, "+QUEUED\r\n", true, true},
          {ends_multi, "_\r\n", false, false}});
  expect({{watch, "+OK\r\n", false, true},
          {multi, "+OK\r\n", true, true},
          {ends_multi, "*-1\r\n", false, false}});
}

TEST(redis_pin, expects_of_what_is_under_way_that_it_is_taken) {
  redis_pin pin;
  pin.asked(watch, 1);
  pin.asked(multi, 2);
  EXPECT_TRUE(pin.is_in_multi() && !pin.is_ending());
  pin.asked(unwatch, 4);  // queued
  EXPECT_TRUE(pin.is_held() && !pin.is_ending());
  pin.asked(ends_multi, 6);
  EXPECT_TRUE(!pin.is_in_multi() && !pin.is_held() && pin.is_ending());
  pin.replied(1, "+OK\r\n", true);
  pin.replied(2, "-NOPERM\r\n", true);
  pin.replied(3, "+OK\r\n", true);  // a SET, which is none of its own
  pin.replied(4, "+OK\r\n", true);
  EXPECT_TRUE(pin.is_ending());
  pin.replied(6, "-ERR EXEC without MULTI\r\n", true);
  EXPECT_TRUE(pin.is_settled() && !pin.is_held());
}

TEST(redis_pin, is_full_when_much_is_under_way) {
  redis_pin pin;
  for (std::uint64_t number = 0; !pin.is_full() && number < 100; ++number) pin.asked(watch, number);
  EXPECT_TRUE(pin.is_full());
  pin.replied(0, "+OK\r\n", true);
  EXPECT_FALSE(pin.is_full());
}

TEST(redis_pin, forgets_all_with_the_connection) {
  redis_pin pin;
  pin.asked(multi, 1);
  pin.replied(1, "+OK\r\n", true);
  pin.asked(ends_multi, 2);
  pin.replied(2, "*1\r\n", false);
  pin.lost();
  EXPECT_TRUE(pin.is_settled() && !pin.is_held() && !pin.is_in_multi());
}

}  // namespace
}  // namespace waitstate::sidecar
