#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(fin_wait2_stuck, half_closed_sockets_that_a_program_holds) {
  auto s = host();
  const auto closer = add_process(s, 12, "half-closer");
  put(s, to(state::fin_wait_2, "10.77.0.2", 7000, 40).of(closer));
  const auto found = fin_wait2_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "half-closer (pid 12) has half-closed 40 connections to 10.77.0.2:7000 and waits for a "
            "close that does not come");
  EXPECT_EQ(found[0].subject.pid, 12);
}

TEST(fin_wait2_stuck, ownerless_ones_that_eat_all_ports_are_critical) {
  auto s = host("40000 40199");
  put(s, to(state::fin_wait_2, "10.77.0.2", 7000, 200).of_nobody());
  const auto found = fin_wait2_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title,
            "10.77.0.2:7000 does not close: 200 connections to it wait in FIN-WAIT-2 and use up "
            "the local ports");
  EXPECT_TRUE(mentions(found[0], "tcp_tw_reuse cannot take it over"));
  EXPECT_TRUE(mentions(found[0], "sport = :7000"));
}

TEST(fin_wait2_stuck, a_round_trip_of_them_for_many_time_wait_is_health) {
  auto s = host();
  put(s, to(state::fin_wait_2, "10.77.0.2", 80, 100).of_nobody());
  put(s, to(state::time_wait, "10.77.0.2", 80, 8000).of_nobody());
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, a_peer_on_this_host_is_found_by_its_close_wait_instead) {
  auto s = host();
  const auto server = add_process(s, 3, "server");
  put(s, to(state::fin_wait_2, "127.0.0.1", 8080, 60).of_nobody());
  put(s, on(state::close_wait, 8080, "127.0.0.1", 60).of(server));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, a_server_with_some_vanished_clients_is_ordinary) {
  auto s = host();
  put(s, on(state::fin_wait_2, 443, "9.9.9.9", 400).of_nobody());
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, pasted_rows_of_a_server_that_half_closes) {
  auto s = paste(os_family::openbsd);
  put(s, on(state::fin_wait_2, 8080, "172.20.66.3", 3));
  const auto found = fin_wait2_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "after a mere shutdown() it stays"));
}

TEST(fin_wait2_stuck, two_rows_among_many_to_others_are_chance) {
  auto s = paste();
  put(s, to(state::fin_wait_2, "10.77.0.2", 7000, 2));
  EXPECT_EQ(fin_wait2_stuck(s).size(), 1U);
  put(s, to(state::established, "10.77.0.3", 7000, 10));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
  put(s, to(state::fin_wait_2, "10.77.0.2", 7000, 18));
  put(s, to(state::established, "10.77.0.3", 7000, 100));
  EXPECT_EQ(fin_wait2_stuck(s).size(), 1U);
}

TEST(fin_wait2_stuck, a_few_among_other_counts_are_quiet) {
  auto s = paste();
  put(s, counts(state::fin_wait_2, 5, 3000));
  put(s, counts(state::established, 138, 3000));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, one_that_a_program_holds_and_that_is_all_is_a_sample) {
  auto s = paste(os_family::linux_kernel);
  put(s, to(tcp::state::fin_wait_2, "10.0.0.7", 8888, 1).of(add_process(s, 11, "rprox")));
  EXPECT_EQ(fin_wait2_stuck(s).size(), 1U);
  put(s, to(tcp::state::established, "10.0.0.7", 8888, 1));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, of_one_program_are_one_finding_wherever_they_go) {
  auto s = paste(os_family::linux_kernel);
  const auto owner = add_process(s, 14125, "kube-proxy");
  put(s, on(tcp::state::fin_wait_2, 33132, "10.244.0.35", 1).of(owner));
  put(s, on(tcp::state::fin_wait_2, 48340, "10.244.0.35", 1).of(owner));
  const auto found = fin_wait2_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.contains("half-closed 2 connections")) << found[0].title;
}

TEST(fin_wait2_stuck, of_a_servers_vanished_clients_end_by_themselves_on_linux) {
  auto s = paste(os_family::linux_kernel);
  put(s, on(tcp::state::fin_wait_2, 443, "10.0.9.9", 11));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

TEST(fin_wait2_stuck, a_servers_clients_on_its_own_host_do_not_vanish) {
  auto s = paste();
  put(s, on(tcp::state::fin_wait_2, 3306, "127.0.0.1", 21));
  EXPECT_EQ(fin_wait2_stuck(s).size(), 1U);
  s = paste();
  put(s, on(tcp::state::fin_wait_2, 3306, "9.9.9.9", 21));
  EXPECT_TRUE(fin_wait2_stuck(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
