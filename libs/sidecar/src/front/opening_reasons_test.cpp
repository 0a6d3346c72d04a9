#include "front/opening_reasons.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(opening_reasons, begin_with_the_first_and_what_was_needed_at_once) {
  opening_reasons why;
  why.update({.opened = 1});
  EXPECT_EQ(why.count(opening_reason::first), 1U);
  why.update({.opened = 4});
  EXPECT_EQ(why.count(opening_reason::first), 1U);
  EXPECT_EQ(why.count(opening_reason::pool_empty), 3U);
}

TEST(opening_reasons, make_good_what_was_closed) {
  opening_reasons why;
  why.update({.opened = 10});
  // Two irregular, three by the server, one by a limit of ours; and seven are made for them.
  why.update({.opened = 17, .irregular = 2, .closed_by_server = 3, .closed_by_us = 3});
  EXPECT_EQ(why.count(opening_reason::irregular), 2U);
  EXPECT_EQ(why.count(opening_reason::server_closed), 3U);
  EXPECT_EQ(why.count(opening_reason::our_limit), 1U);
  EXPECT_EQ(why.count(opening_reason::pool_empty), 10U);
}

TEST(opening_reasons, remember_a_close_until_it_is_made_good) {
  opening_reasons why;
  why.update({.opened = 5});
  why.update({.opened = 5, .closed_by_server = 4});
  why.update({.opened = 7, .closed_by_server = 4});
  EXPECT_EQ(why.count(opening_reason::server_closed), 2U);
  why.update({.opened = 10, .closed_by_server = 4});
  EXPECT_EQ(why.count(opening_reason::server_closed), 4U);
  EXPECT_EQ(why.count(opening_reason::pool_empty), 5U);
}

}  // namespace
}  // namespace waitstate::sidecar
