#include "judgement/close_wait_piles.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(close_wait_piles, are_one_for_each_owner_and_destination_and_count_what_is_open_beside_them) {
  auto s = host();
  const auto one = add_process(s, 1, "one");
  const auto two = add_process(s, 2, "two");
  put(s, to(state::close_wait, "10.0.0.7", 443, 3).of(one));
  put(s, to(state::close_wait, "10.0.0.8", 443, 5).of(one));
  put(s, to(state::established, "10.0.0.7", 443, 2).of(one));
  put(s, to(state::close_wait, "10.0.0.7", 443, 7).of(two));
  put(s, to(state::established, "10.0.0.9", 443, 9).of(two));
  const auto piles = piles_of(s, direction::outbound);
  ASSERT_EQ(piles.size(), 3U) << "what has none in CLOSE-WAIT is no pile";
  EXPECT_EQ(piles[0].close_wait.count, 7U);
  EXPECT_EQ(piles[2].established.count, 2U);
  const auto holdings = holdings_of(s, direction::outbound);
  ASSERT_EQ(holdings.size(), 2U);
  EXPECT_EQ(holdings[0].total.close_wait.count, 8U);
  EXPECT_EQ(holdings[0].piles.size(), 2U);
  EXPECT_TRUE(piles_of(s, direction::inbound).empty());
}

TEST(close_wait_piles, of_a_listening_port_are_one_whatever_the_address) {
  auto s = host();
  auto other = on(state::close_wait, 80, "10.0.9.8", 2);
  other.group.key.local = endpoint_of("10.0.0.6", 80);
  put(s, on(state::close_wait, 80, "10.0.9.9", 3));
  EXPECT_EQ(piles_of(s, direction::inbound).front().endpoint, endpoint_of("10.0.0.5", 80));
  put(s, other);
  const auto piles = piles_of(s, direction::inbound);
  ASSERT_EQ(piles.size(), 1U);
  EXPECT_FALSE(piles.front().endpoint.address.is_known());
  EXPECT_EQ(piles.front().peers, 2U);
}

TEST(close_wait_piles, grow_when_five_came_and_a_tenth_of_all) {
  struct row {
    double per_second;
    std::uint64_t count;
    bool expected;
  };
  constexpr std::array rows{row{0.4, 10, false}, row{0.5, 10, true}, row{0.5, 50, true},
                            row{0.5, 51, false}, row{0, 0, false}};
  for (const auto& r : rows) {
    auto s = host();
    s.interval = std::chrono::seconds(10);
    const auto g = to(state::close_wait, "10.0.0.7", 443, r.count).growing(r.per_second);
    EXPECT_EQ(is_growing(s, g.group), r.expected) << r.per_second << " of " << r.count;
    s.interval.reset();
    EXPECT_FALSE(is_growing(s, g.group)) << "one look tells no growth";
  }
}

TEST(close_wait_piles, stand_out_by_their_number_beside_what_is_open_and_shown) {
  struct row {
    std::uint64_t close_wait;
    std::uint64_t established;
    bool is_rows;
    std::uint64_t others;
    bool expected;
  };
  constexpr std::array rows{
      row{99, 400, false, 0, false},  // less than a quarter of the open ones
      row{100, 2'500, false, 0, true},   row{100, 2'501, false, 0, false},
      row{999, 25'000, false, 0, false}, row{1'000, 25'001, false, 0, true},
      row{1'000, 4'001, false, 0, true}, row{99, 396, false, 0, false},
      row{100, 400, false, 0, true},     row{19, 0, false, 0, false},
      row{20, 20, false, 0, true},       row{20, 21, false, 0, false},
      row{9, 0, true, 91, false},  // rows: ten, or a tenth of what is shown
      row{10, 0, true, 900, true},       row{9, 0, true, 90, true},
      row{0, 0, true, 0, false},
  };
  for (const auto& r : rows) {
    auto s = paste();
    s.namespaces[0].states.add(state::time_wait, r.others);
    EXPECT_EQ(stands_out(s, r.close_wait, r.established, r.is_rows), r.expected)
        << (&r - rows.data());
  }
}

TEST(close_wait_piles, eat_descriptors_at_half_the_limit_or_as_most_of_what_is_open_near_it) {
  struct row {
    descriptor_use use;
    bool expected;
  };
  constexpr std::array rows{row{{.held = 511, .open = 600, .limit = 1'024}, false},
                            row{{.held = 512, .open = 600, .limit = 1'024}, true},
                            row{{.held = 450, .open = 800, .limit = 1'000}, true},
                            row{{.held = 450, .open = 799, .limit = 1'000}, false},
                            row{{.held = 450, .open = 901, .limit = 1'000}, false},
                            row{{.held = 450, .open = 900, .limit = 0}, false}};
  for (const auto& r : rows) EXPECT_EQ(eats_descriptors(r.use), r.expected) << (&r - rows.data());
  EXPECT_FALSE(eats_descriptors(std::nullopt));
}

TEST(close_wait_piles, nobody_means_something_where_owners_are_shown) {
  EXPECT_TRUE(shows_owners(host()));
  auto s = paste();
  put(s, on(state::close_wait, 80, "10.0.9.9", 3));
  EXPECT_FALSE(shows_owners(s));
  put(s, on(state::time_wait, 80, "10.0.9.9", 3).of_nobody());
  EXPECT_FALSE(shows_owners(s)) << "TIME-WAIT never has an owner";
  put(s, on(state::close_wait, 81, "10.0.9.9", 3).of_nobody());
  EXPECT_TRUE(shows_owners(s));
}

TEST(close_wait_piles, accumulate_where_as_many_are_there_as_came_since_the_oldest) {
  struct row {
    std::uint64_t recent;
    std::uint64_t older;
    std::uint32_t oldest_ms;
    bool expected;
  };
  constexpr row rows[] = {{25, 65, 36'000, true}, {25, 300, 36'000, false}, {25, 5, 60'000, false},
                          {9, 30, 40'000, false}, {25, 15, 19'999, false},  {10, 10, 20'000, true}};
  for (const auto& [recent, older, oldest, expected] : rows) {
    auto s = host();
    socket_group g;
    g.count = recent + older;
    g.age.add(5'000, recent);
    g.age.add(20'000, older);
    g.age_max_ms = oldest;
    EXPECT_EQ(accumulates(s, g), expected) << recent << ' ' << older;
    s.source = source_kind::pasted;
    EXPECT_FALSE(accumulates(s, g));
  }
}

TEST(close_wait_piles, grow_too_where_none_went_since_the_oldest_came) {
  for (const std::uint32_t oldest_ms : {75'000U, 600'000U}) {
    auto s = host();
    s.interval = std::chrono::seconds(3);
    socket_group g;
    g.count = 370;
    g.growth_per_second = 5;
    g.age_max_ms = oldest_ms;
    EXPECT_EQ(is_growing(s, g), oldest_ms == 75'000) << "not a tenth of all in three seconds";
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
