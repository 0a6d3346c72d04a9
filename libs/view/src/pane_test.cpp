#include "pane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr moment start = moment{} + 1h;

pane with(const std::vector<std::pair<std::string, double>>& rows) {
  pane p{.title = "Test",
         .columns = {{.title = "NAME"}, {.title = "COUNT", .width = 5, .is_ordered = true}},
         .nothing = "none"};
  for (const auto& [key, count] : rows) {
    p.rows.push_back({.key = key, .cells = {{.text = key}, {.text = "n", .order = count}}});
  }
  return p;
}

std::vector<std::string> keys(const pane& p) {
  std::vector<std::string> all;
  for (const auto& row : p.rows) all.push_back(row.key);
  return all;
}

TEST(pane, keeps_its_own_order_until_it_is_sorted) {
  pane_state s;
  auto p = with({{"b", 1}, {"a", 3}, {"c", 2}});
  arrange(p, s, start);
  EXPECT_THAT(keys(p), ElementsAre("b", "a", "c"));
  sort_by_next(p, s);
  arrange(p, s, start);
  EXPECT_THAT(keys(p), ElementsAre("a", "c", "b"));
  s.is_reversed = true;
  arrange(p, s, start);
  EXPECT_THAT(keys(p), ElementsAre("b", "c", "a"));
  sort_by_next(p, s);
  EXPECT_EQ(s.sorted_by, std::nullopt);
  EXPECT_FALSE(s.is_reversed);
}

TEST(pane, keeps_the_cursor_on_its_group_wherever_that_moves) {
  pane_state s;
  auto p = with({{"a", 1}, {"b", 2}, {"c", 3}});
  arrange(p, s, start);
  move_cursor(p, s, 1, start);
  EXPECT_EQ(selected_row(p, s)->key, "b");
  p = with({{"b", 2}, {"c", 3}, {"a", 1}});
  arrange(p, s, start + 1min);
  EXPECT_EQ(selected_row(p, s)->key, "b");
  EXPECT_EQ(s.at, 0);
}

TEST(pane, keeps_the_cursor_at_its_place_where_its_group_has_gone) {
  pane_state s;
  auto p = with({{"a", 1}, {"b", 2}, {"c", 3}});
  arrange(p, s, start);
  move_cursor(p, s, 2, start);
  p = with({{"a", 1}, {"d", 2}, {"e", 3}});
  arrange(p, s, start + 1min);
  EXPECT_EQ(selected_row(p, s)->key, "e");
  p = with({{"a", 1}});
  arrange(p, s, start + 2min);
  EXPECT_EQ(selected_row(p, s)->key, "a");
  p = with({});
  arrange(p, s, start + 3min);
  EXPECT_EQ(selected_row(p, s), nullptr);
}

TEST(pane, changes_no_places_for_two_seconds_after_the_cursor_moved) {
  pane_state s;
  auto p = with({{"a", 1}, {"b", 2}, {"c", 3}});
  arrange(p, s, start);
  move_cursor(p, s, 1, start);
  p = with({{"new", 9}, {"c", 3}, {"b", 2}, {"a", 1}});
  arrange(p, s, start + 1900ms);
  EXPECT_THAT(keys(p), ElementsAre("a", "b", "c", "new"));
  p = with({{"new", 9}, {"c", 3}, {"b", 2}, {"a", 1}});
  arrange(p, s, start + 2s);
  EXPECT_THAT(keys(p), ElementsAre("new", "c", "b", "a"));
  EXPECT_EQ(selected_row(p, s)->key, "b");
}

TEST(pane, moves_the_cursor_no_further_than_its_rows) {
  pane_state s;
  auto p = with({{"a", 1}, {"b", 2}});
  arrange(p, s, start);
  move_cursor(p, s, 1'000, start);
  EXPECT_EQ(s.at, 1);
  move_cursor(p, s, -1'000, start);
  EXPECT_EQ(s.at, 0);
  auto none = with({});
  move_cursor(none, s, 1, start);
  EXPECT_EQ(selected_row(none, s), nullptr);
}

TEST(pane, shows_the_row_of_the_cursor_in_whatever_room_there_is) {
  pane_state s;
  std::vector<std::pair<std::string, double>> many;
  for (int i = 0; i < 100; ++i) many.emplace_back("row" + std::to_string(i), i);
  auto p = with(many);
  arrange(p, s, start);
  for (const std::size_t height : {1U, 2U, 3U, 7U, 200U}) {
    for (const std::ptrdiff_t by : {-1'000, 50, 49, -3, 1}) {
      move_cursor(p, s, by, start);
      const auto rows = drawn(p, s, {.width = 30, .height = height}, true);
      EXPECT_LE(rows.size(), height);
      EXPECT_EQ(std::ranges::count_if(rows, &frame_row::is_selected), 1)
          << "height " << height << ", cursor at " << s.at;
    }
  }
}

TEST(pane, says_what_it_has_nothing_of) {
  pane_state s;
  auto p = with({});
  arrange(p, s, start);
  const auto rows = drawn(p, s, {.width = 20, .height = 5}, true);
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].cells[0].text, "  none");
  EXPECT_TRUE(drawn(p, s, {.width = 20, .height = 0}, true).empty());
}

}  // namespace
}  // namespace waitstate::view
