#include "judgement/unsent_place.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

sockets with_unsent(sockets made, std::uint64_t filled) {
  made.group.with_queues = made.group.count;
  made.group.send_queue_filled = filled;
  made.group.send_queue_bytes = 100 * filled;
  return made;
}

TEST(unsent_place, is_a_destination_whose_connections_nearly_all_have_bytes_to_send) {
  struct row {
    std::uint64_t open, filled;
    bool is_one;
  };
  constexpr row rows[] = {
      {5, 5, true}, {4, 4, false}, {10, 9, true}, {10, 8, false}, {10, 0, false}};
  for (const auto& [open, filled, is_one] : rows) {
    auto s = paste();
    put(s, with_unsent(to(tcp::state::established, "10.0.0.9", 9092, open), filled));
    EXPECT_EQ(unsent_places(s).size(), is_one ? 1U : 0U) << open << filled;
  }
}

TEST(unsent_place, is_none_at_a_server_and_none_live) {
  auto s = paste();
  put(s, with_unsent(on(tcp::state::established, 443, "9.9.9.9", 20), 20));
  EXPECT_TRUE(unsent_places(s).empty());
  s = host();
  put(s, with_unsent(to(tcp::state::established, "10.0.0.9", 9092, 20), 20));
  EXPECT_TRUE(unsent_places(s).empty());
}

TEST(unsent_place, a_window_that_is_shut_tells_of_either_side) {
  struct row {
    std::uint64_t open, shut;
    bool is_one;
  };
  constexpr row rows[] = {{5, 5, true}, {4, 4, false}, {10, 5, true}, {12, 5, false}};
  for (const auto& [open, shut, is_one] : rows) {
    for (const bool inbound : {false, true}) {
      auto s = host();
      auto made = with_unsent(inbound ? on(tcp::state::established, 443, "9.9.9.9", open)
                                      : to(tcp::state::established, "10.0.0.9", 80, open),
                              shut);
      made.group.window_shut = shut;
      made.group.window_shut_ms = 11'000;
      put(s, made);
      const auto found = shut_places(s);
      ASSERT_EQ(found.size(), is_one ? 1U : 0U) << open << shut;
      if (is_one) EXPECT_EQ(found[0].peers, 1U);
    }
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
