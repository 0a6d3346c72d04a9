#include "judgement/followed_use.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

const tcp::endpoint redis{.address = tcp::address::v4({10, 0, 0, 7}), .port = 6379};
const tcp::endpoint other{.address = tcp::address::v4({10, 0, 0, 8}), .port = 6379};

followed_flow flow_to(const tcp::endpoint& end, std::uint64_t opened, std::uint64_t ended,
                      std::optional<std::uint32_t> opener, std::optional<std::uint32_t> closer) {
  return {.direction = direction::outbound,
          .end = end,
          .opener = opener,
          .closer = closer,
          .started = {},
          .programs = 1,
          .opened = opened,
          .ended = ended};
}

snapshot followed(std::vector<followed_flow> flows) {
  snapshot s;
  s.followed = {.watched = std::chrono::seconds(2), .flows = std::move(flows)};
  return s;
}

TEST(followed_use, adds_up_a_place_and_names_who_opened_and_closed_most) {
  const auto s = followed({flow_to(redis, 100, 90, 1, 1), flow_to(redis, 0, 8, 1, 2),
                           flow_to(redis, 10, 10, 2, 2), flow_to(other, 900, 900, 3, 3)});
  const auto use = followed_at(s, 0, direction::outbound, redis);
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->total.opened, 110U);
  EXPECT_EQ(use->total.ended, 108U);
  EXPECT_EQ(use->opener, (owner_ref{.kind = ownership::owned, .process = 1}));
  EXPECT_EQ(use->opened_by_it, 100U);
  EXPECT_EQ(use->closer, (owner_ref{.kind = ownership::owned, .process = 1}));
  EXPECT_EQ(use->closed_by_it, 90U);
  EXPECT_DOUBLE_EQ(use->opened_per_second(), 55.0);
  EXPECT_DOUBLE_EQ(use->ended_per_second(), 54.0);
}

TEST(followed_use, is_nothing_where_nothing_was_followed_there) {
  const auto s = followed({flow_to(redis, 1, 1, 1, 1)});
  EXPECT_FALSE(followed_at(snapshot{}, 0, direction::outbound, redis));
  EXPECT_FALSE(followed_at(s, 0, direction::outbound, other));
  EXPECT_FALSE(followed_at(s, 1, direction::outbound, redis));
  EXPECT_FALSE(followed_at(s, 0, direction::inbound, redis));
  EXPECT_FALSE(followed_at(s, 0, direction::outbound, {}));
}

TEST(followed_use, of_what_a_reset_ended_nobody_is_the_closer) {
  const auto use =
      followed_at(followed({flow_to(redis, 0, 5, 1, {})}), 0, direction::outbound, redis);
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->closer, owner_ref{});
  EXPECT_EQ(use->opener, owner_ref{});
}

}  // namespace
}  // namespace waitstate::diagnosis
