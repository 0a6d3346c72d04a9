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

}  // namespace
}  // namespace waitstate::diagnosis
