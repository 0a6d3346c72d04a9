#include "leaks_pane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "troubled_host.h"

namespace waitstate::view {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const pane_row& row) {
  std::vector<std::string> all;
  for (const auto& c : row.cells) all.push_back(c.text);
  return all;
}

TEST(leaks_pane, has_the_oldest_first_with_what_is_unread) {
  const auto p = leaks_pane(troubled_host(), {});
  ASSERT_EQ(p.rows.size(), 3);
  EXPECT_THAT(texts(p.rows[0]), ElementsAre("1 h 1 min", "20", "CLOSE-WAIT", "java (2204)",
                                            "to 10.0.0.9:5432", "FIN", "-"));
  EXPECT_THAT(texts(p.rows[1]), ElementsAre("3 min", "7", "CLOSE-WAIT", "java (2204)",
                                            "at 10.0.0.1:8443", "3.5 KiB", "-"));
  EXPECT_THAT(texts(p.rows[2]),
              ElementsAre("-", "2", "FIN-WAIT-2", "nobody", "at 10.0.0.1:443", "nothing", "-"));
  EXPECT_EQ(to_text(p.rows[1].sockets.value_or(socket_selector{})),
            "state:close-wait direction:inbound local-port:8443 process:2204");
}

TEST(leaks_pane, has_nothing_where_other_states_are_meant) {
  EXPECT_TRUE(leaks_pane(troubled_host(), *parse_selector("state:established")).rows.empty());
  EXPECT_EQ(
      leaks_pane(troubled_host(), *parse_selector("state:close-wait,established")).rows.size(), 2);
}

snapshot with_ghosts() {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  std::ignore = b.add_namespace({.inode = 1});
  std::ignore = b.add_process(
      {.pid = 77, .name = "ghostly", .ghost_sockets = 12, .ghost_growth_per_second = 0.5});
  return b.finish(a_monday);
}

TEST(leaks_pane, has_descriptors_whose_socket_is_in_no_table) {
  const auto p = leaks_pane(with_ghosts(), {});
  ASSERT_EQ(p.rows.size(), 1);
  EXPECT_THAT(texts(p.rows[0]), ElementsAre("-", "12", "ghost", "ghostly (77)",
                                            "in no table of the kernel", "-", "+0.5/s"));
}

TEST(leaks_pane, selects_ghosts_by_nothing_but_their_process) {
  EXPECT_EQ(leaks_pane(with_ghosts(), *parse_selector("process:ghostly")).rows.size(), 1);
  EXPECT_EQ(leaks_pane(with_ghosts(), *parse_selector("process:77")).rows.size(), 1);
  EXPECT_TRUE(leaks_pane(with_ghosts(), *parse_selector("process:other")).rows.empty());
  EXPECT_TRUE(leaks_pane(with_ghosts(), *parse_selector("process:77 port:80")).rows.empty());
}

}  // namespace
}  // namespace waitstate::view
