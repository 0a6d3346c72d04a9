#include "judgement/workforce.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

worker working(const owner_ref& who, const owner_ref& whom, bool is_same_program = true) {
  return {.process = who.process,
          .works_for = whom.process,
          .holds_listener = true,
          .is_same_program = is_same_program};
}

struct prefork : testing::Test {
  snapshot s = host();
  owner_ref master = add_process(s, 10, "php-fpm");
  owner_ref late = add_process(s, 13, "php-fpm");
  owner_ref early = add_process(s, 12, "php-fpm");

  [[nodiscard]] workforce force() const { return workforce_of(s, 0, 80, master); }
};

TEST_F(prefork, is_the_owner_alone_where_nobody_else_is_known) {
  EXPECT_EQ(force().workers, std::vector{master});
  EXPECT_EQ(force().busy, 0U);
  EXPECT_TRUE(workforce_of(s, 0, 80, {}).workers.empty());
}

TEST_F(prefork, counts_who_holds_connections_and_who_shares_the_listener_but_not_the_master) {
  put(s, on(state::established, 80, "9.9.9.9", 1).of(late));
  s.workers = {working(late, master), working(early, master)};
  EXPECT_EQ(force().workers, (std::vector{late, early}));
  EXPECT_EQ(force().busy, 1U);
  EXPECT_FALSE(force().all_busy());
  put(s, on(state::close_wait, 80, "9.9.9.9", 1).of(early));
  EXPECT_EQ(force().workers, (std::vector{early, late}));
  EXPECT_TRUE(force().all_busy());
}

TEST_F(prefork, leaves_out_what_inherited_the_listener_and_connections_of_another_port) {
  const auto sleeping = add_process(s, 14, "sleep");
  put(s, on(state::established, 81, "9.9.9.9", 1).of(late));
  s.workers = {working(sleeping, master, false)};
  EXPECT_EQ(force().workers, std::vector{master});
}

TEST_F(prefork, has_the_one_looked_at_that_runs_else_one_that_holds_a_connection) {
  put(s, on(state::established, 80, "9.9.9.9", 1).of(late));
  s.workers = {working(early, master)};
  EXPECT_EQ(force().to_look_at(s), late);
  s.processes[early.process].activity = 'R';
  EXPECT_EQ(force().to_look_at(s), early);
  EXPECT_EQ(workforce{}.to_look_at(s), owner_ref{});
}

}  // namespace
}  // namespace waitstate::diagnosis
