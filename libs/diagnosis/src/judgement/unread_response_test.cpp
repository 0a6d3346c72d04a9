#include "judgement/unread_response.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(unread_response, takes_three_and_five_seconds) {
  struct row {
    std::uint64_t count;
    std::uint32_t ms;
    std::size_t expected;
  };
  constexpr std::array rows{row{2, 60'000, 0}, row{3, 4'999, 0}, row{3, 5'000, 1}};
  for (const auto& r : rows) {
    auto s = host();
    put(s, to(state::established, "10.0.0.7", 80, r.count).unread_for(r.ms));
    EXPECT_EQ(unread_responses(s).size(), r.expected) << r.count << " for " << r.ms;
  }
}

TEST(unread_response, counts_those_that_are_read_beside_it) {
  auto s = host();
  const auto app = add_process(s, 7, "app");
  put(s, to(state::established, "10.0.0.7", 80, 4).of(app).unread_for(6'000));
  put(s, to(state::established, "10.0.0.7", 80, 10).of(app));
  const auto found = unread_responses(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].count, 4U);
  EXPECT_EQ(found[0].established, 14U);
  EXPECT_EQ(found[0].unread_bytes, 400U);
  EXPECT_EQ(found[0].unread_for_ms, 6'000U);
  EXPECT_EQ(found[0].owner, app);
}

TEST(unread_response, is_not_what_a_server_has_yet_to_read_nor_what_is_closed) {
  auto s = host();
  put_listener(s, "0.0.0.0", 8080, 0, 128);
  put(s, on(state::established, 8080, "10.0.9.9", 9).unread_for(60'000));
  put(s, to(state::close_wait, "10.0.0.7", 80, 9).unread_for(60'000));
  EXPECT_TRUE(unread_responses(s).empty());
}

TEST(unread_response, the_most_bytes_come_first) {
  auto s = host();
  put(s, to(state::established, "10.0.0.7", 80, 3).unread_for(60'000));
  put(s, to(state::established, "10.0.0.8", 80, 5).unread_for(5'000));
  const auto found = unread_responses(s);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(s.text_of(found[0].destination.address), "10.0.0.8");
}

}  // namespace
}  // namespace waitstate::diagnosis
