#include "facts/pgbouncer_pools.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

constexpr std::string_view heading =
    " database | user | cl_active | cl_waiting | sv_active | sv_idle | sv_used | maxwait | "
    "pool_mode";

TEST(pgbouncer_pools, a_pool_is_out_where_clients_wait_and_none_is_idle) {
  struct row {
    std::string_view line;
    std::uint64_t leased, waiting;
    bool is_out;
  };
  constexpr row rows[] = {
      {" app | web | 20 | 137 | 20 | 0 | 0 | 41 | session", 20, 137, true},
      {" app | web | 20 | 3 | 20 | 0 | 0 | 0 | session", 20, 0, false},  // For a moment.
      {" app | web | 20 | 3 | 15 | 2 | 3 | 1 | session", 15, 3, false},  // Some are idle.
      {" app | web | 48 | 0 | 48 | 5 | 0 | 0 | session", 48, 0, false},
      {"| app | web | 20 | 137 | 20 | 0 | 0 | 41 | session |", 20, 137, true},
  };
  for (const auto& [line, leased, waiting, is_out] : rows) {
    pgbouncer_pools table;
    ASSERT_TRUE(table.read(heading));
    ASSERT_TRUE(table.read(line)) << line;
    ASSERT_TRUE(table.pool().has_value()) << line;
    EXPECT_EQ(table.pool()->name, "app/web");
    EXPECT_EQ(table.pool()->leased, leased) << line;
    EXPECT_EQ(table.pool()->waiting, waiting) << line;
    EXPECT_EQ(table.pool()->is_out(), is_out) << line;
  }
}

TEST(pgbouncer_pools, are_in_no_other_table) {
  pgbouncer_pools table;
  EXPECT_FALSE(table.read(" app | web | 20 | 137 | 20 | 0 | 0 | 41 | session"));
  ASSERT_TRUE(table.read(heading));
  for (const std::string_view line :
       {"", "(2 rows)", "----+----", "| a | b |", "tcp 0 0 a:1 b:2"}) {
    EXPECT_FALSE(table.read(line)) << line;
  }
  EXPECT_TRUE(table.read(" pgbouncer | pgbouncer | 1 | 0 | 0 | 0 | 0 | 0 | statement"));
  EXPECT_FALSE(table.pool().has_value());
}

}  // namespace
}  // namespace waitstate::paste
