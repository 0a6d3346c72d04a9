#include "judgement/what_is_shown.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(what_is_shown, settings_alone_are_not_what_a_host_does) {
  auto s = paste();
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "1";
  EXPECT_FALSE(shows_the_host(s));
  s.namespaces[0].totals.time_wait = 3;
  EXPECT_TRUE(shows_the_host(s));
}

TEST(what_is_shown, a_count_of_descriptors_or_of_conntrack_is) {
  auto with_descriptors = paste();
  add_process(with_descriptors, 4, "app");
  EXPECT_FALSE(shows_the_host(with_descriptors)) << "a name alone shows nothing";
  with_descriptors.processes[0].fd_count = 12;
  EXPECT_TRUE(shows_the_host(with_descriptors));
  auto with_conntrack = paste();
  with_conntrack.host.conntrack_count = 12;
  EXPECT_TRUE(shows_the_host(with_conntrack));
  auto live = paste();
  live.source = source_kind::live;
  EXPECT_TRUE(shows_the_host(live)) << "no socket, seen live, is a fact";
}

TEST(what_is_shown, a_whole_table_has_two_states_or_a_listener) {
  auto s = paste();
  put(s, to(state::established, "10.0.0.7", 80, 3));
  put(s, counts(state::unknown, 9));
  EXPECT_FALSE(shows_whole_table(s));
  auto with_listener = s;
  put_listener(with_listener, "0.0.0.0", 80, 0, 128);
  EXPECT_TRUE(shows_whole_table(with_listener));
  put(s, to(state::time_wait, "10.0.0.7", 80, 3));
  EXPECT_TRUE(shows_whole_table(s));
}

TEST(what_is_shown, open_connections_by_rows_or_by_totals) {
  auto s = paste();
  put(s, to(state::time_wait, "10.0.0.7", 80, 3));
  EXPECT_FALSE(shows_open(s));
  EXPECT_TRUE(shows_connections(s));
  auto by_totals = s;
  by_totals.namespaces[0].totals.in_use = 0;
  EXPECT_TRUE(shows_open(by_totals));
  put(s, to(state::established, "10.0.0.7", 80, 1));
  EXPECT_TRUE(shows_open(s));
}

TEST(what_is_shown, listeners_and_sockets_without_a_state_are_no_connections) {
  auto s = paste();
  put_listener(s, "0.0.0.0", 80, 0, 128);
  put(s, counts(state::unknown, 9));
  put(s, counts(state::listen, 2));
  EXPECT_FALSE(shows_connections(s));
}

}  // namespace
}  // namespace waitstate::diagnosis
