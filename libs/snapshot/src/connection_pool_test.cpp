#include "waitstate/snapshot/connection_pool.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(connection_pool, is_out_where_all_of_its_size_are_leased) {
  EXPECT_TRUE((connection_pool{.leased = 10, .size = 10}.is_out()));
  EXPECT_TRUE((connection_pool{.leased = 11, .size = 10}.is_out()));
  EXPECT_FALSE((connection_pool{.leased = 9, .size = 10}.is_out()));
  EXPECT_FALSE((connection_pool{.leased = 9}.is_out()));
  EXPECT_FALSE((connection_pool{.leased = 0, .size = 0}.is_out()));
}

TEST(connection_pool, two_looks_are_the_worse_one) {
  connection_pool pool{.leased = 3, .idle = 7, .size = 10, .refused = 1};
  take_worse(pool, {.leased = 10, .idle = 0, .waiting = 4, .refused = 2});
  EXPECT_EQ(pool,
            (connection_pool{.leased = 10, .idle = 0, .waiting = 4, .size = 10, .refused = 3}));
  take_worse(pool, {.leased = 1, .idle = 9, .waiting = 0});
  EXPECT_EQ(pool.leased, 10U);
  EXPECT_EQ(pool.idle, 0U);
}

}  // namespace
}  // namespace waitstate
