#include "look/socket_churn.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

using count = socket_churn::count;

TEST(socket_churn, counts_what_was_not_there_in_the_first_sample_once) {
  socket_churn churn;
  churn.see(7, {1, 2});
  churn.see(7, {2, 3});
  churn.see(7, {3, 4});
  churn.see(7, {2, 5});
  churn.see(8, {10, 11});
  churn.see(8, {10, 11});
  churn.see(9, {});
  churn.see(9, {20});
  EXPECT_EQ(churn.busiest(),
            (std::vector<count>{{.pid = 7, .sockets = 3}, {.pid = 9, .sockets = 1}}));
}

TEST(socket_churn, names_the_parent_of_three_children_or_more) {
  socket_churn churn;
  for (const std::int32_t pid : {100, 101, 101}) churn.see_child(pid, 5);
  for (const std::int32_t pid : {200, 201, 202}) churn.see_child(pid, 6);
  for (const std::int32_t pid : {300, 301, 302, 303}) churn.see_child(pid, 0);
  EXPECT_EQ(churn.busiest(), (std::vector<count>{{.pid = 6, .children = 3}}));
}

}  // namespace
}  // namespace waitstate::kernel
