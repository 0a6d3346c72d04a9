#include "judgement/passing_states.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

bool asks(const snapshot& s) {
  std::vector<open_question> questions;
  add_passing_states(s, questions);
  return !questions.empty();
}

TEST(passing_states, are_asked_about_where_there_are_many_for_what_is_open) {
  struct row {
    tcp::state state;
    std::uint64_t count;
    std::uint64_t open;
    bool asked;
  };
  constexpr row rows[] = {
      {state::fin_wait_1, 100, 1'000, true},  {state::fin_wait_1, 99, 200, false},
      {state::fin_wait_1, 67, 35, true},      {state::fin_wait_1, 19, 1, false},
      {state::fin_wait_1, 100, 1'001, false}, {state::last_ack, 2'000, 400, true},
      {state::closing, 500, 400, true},       {state::syn_received, 200, 400, true},
      {state::syn_received, 20, 400, false},  {state::fin_wait_2, 300, 600, true},
      {state::fin_wait_2, 300, 601, false},   {state::close_wait, 20, 200, true},
      {state::close_wait, 19, 20, false},     {state::close_wait, 20, 201, false},
      {state::time_wait, 9'000, 10, false},   {state::closed, 3'000, 10, true},
  };
  for (const auto& [which, count, open, asked] : rows) {
    auto s = paste(os_family::linux_kernel);
    put_listener(s, "0.0.0.0", 80, 0, 128);
    put(s, on(state::established, 80, "10.0.9.9", open));
    put(s, on(which, 80, "10.0.9.8", count));
    EXPECT_EQ(asks(s), asked) << tcp::to_string(which) << ' ' << count << ' ' << open;
    s.source = source_kind::live;
    EXPECT_FALSE(asks(s)) << "live a second look tells";
  }
}

TEST(passing_states, are_asked_about_where_nothing_else_is_shown) {
  for (const auto& [rows, asked] : {std::pair{3U, true}, {2U, false}}) {
    auto s = paste(os_family::linux_kernel);
    put(s, on(state::last_ack, 80, "10.0.9.8", rows));
    EXPECT_EQ(asks(s), asked) << rows;
  }
  for (const auto& [open, asked] : {std::pair{1U, true}, {2U, false}}) {
    auto mixed = paste(os_family::linux_kernel);
    put(mixed, on(state::fin_wait_2, 80, "10.0.9.8", 11));
    put(mixed, on(state::established, 80, "10.0.9.8", open));
    EXPECT_EQ(asks(mixed), asked) << open;
  }
}

TEST(passing_states, so_are_open_rows_whose_queues_all_hold_data) {
  for (const auto& [queue, asked] : {std::pair{0U, false}, {65'160U, true}}) {
    auto s = paste(os_family::linux_kernel);
    put(s, on(state::established, 80, "10.0.9.8", 2).with_queue(queue));
    EXPECT_EQ(asks(s), asked) << queue;
    put(s, on(state::established, 80, "10.0.9.7", 1).with_queue(0));
    EXPECT_FALSE(asks(s));
  }
}

TEST(passing_states, so_are_those_of_one_side_where_both_ends_are_shown) {
  auto s = paste(os_family::other_bsd);
  put(s, on(state::established, 8080, "127.0.0.1", 5).with_queue(78));
  put(s, to(state::established, "127.0.0.1", 8080, 5).with_queue(0));
  EXPECT_TRUE(asks(s));
  put(s, on(state::established, 8080, "127.0.0.1", 1).with_queue(0));
  EXPECT_FALSE(asks(s));
}

}  // namespace
}  // namespace waitstate::diagnosis
