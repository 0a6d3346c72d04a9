#include "waitstate/remedy/tune/host_role.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host_fixture.h"

namespace waitstate::remedy {
namespace {

using tcp::state;

std::vector<seen_role> roles_in(const made_host& h) {
  return roles_of(h.s, 0, diagnosis::headrooms_of(h.s, diagnosis::port_table(h.s)));
}

TEST(host_role, a_balancer_that_closes_first_has_the_time_wait_of_its_back_ends) {
  made_host h;
  const auto nginx = h.program("nginx", runtime::nginx);
  h.listens(nginx, 80)
      .takes(state::established, 80, 500, nginx)
      .makes(state::established, place("10.0.0.7", 8080), 20, nginx)
      .makes(state::time_wait, place("10.0.0.7", 8080), 24'000)
      .evenly_closed()
      .makes(state::time_wait, place("10.0.0.8", 8080), 100);
  const auto roles = roles_in(h);
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_EQ(roles[0].role, host_role::load_balancer);
  EXPECT_EQ(roles[0].program, "nginx");
  EXPECT_EQ(roles[0].destinations, 2U);
  EXPECT_EQ(roles[0].made.closer, first_closer::this_host);
  EXPECT_EQ(roles[0].made.time_wait, 24'100U);
  EXPECT_EQ(roles[0].made.closes_per_second, 400.0);
  EXPECT_EQ(roles[0].taken.closer, first_closer::unknown);
  ASSERT_TRUE(roles[0].tightest);
  EXPECT_EQ(roles[0].tightest->destination, place("10.0.0.7", 8080));
}

TEST(host_role, a_balancer_whose_back_ends_close_first_shows_what_is_half_closed) {
  made_host h;
  const auto haproxy = h.program("haproxy", runtime::haproxy);
  h.listens(haproxy, 443)
      .takes(state::established, 443, 100, haproxy)
      .makes(state::established, place("10.0.0.7", 8080), 40, haproxy)
      .makes(state::last_ack, place("10.0.0.7", 8080), 5);
  const auto roles = roles_in(h);
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_EQ(roles[0].made.closer, first_closer::other_end);
}

TEST(host_role, a_server_that_closes_first_keeps_their_time_wait) {
  made_host h;
  h.listens(h.program("httpd", runtime::apache), 80).takes(state::time_wait, 80, 9'000);
  const auto roles = roles_in(h);
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_EQ(roles[0].role, host_role::web_server);
  EXPECT_EQ(roles[0].program, "httpd") << "TIME-WAIT has no owner, its port has";
  EXPECT_EQ(roles[0].taken.closer, first_closer::this_host);
  EXPECT_EQ(roles[0].ports, std::vector<std::uint16_t>{80});
}

TEST(host_role, one_program_can_serve_and_be_a_client_of_a_database) {
  made_host h;
  const auto java = h.program("java", runtime::java);
  h.listens(java, 8080)
      .takes(state::established, 8080, 300, java)
      .makes(state::established, place("10.0.0.9", 5432), 40, java);
  const auto roles = roles_in(h);
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_EQ(roles[0].role, host_role::web_server);
  EXPECT_EQ(roles[1].role, host_role::database_client);
}

TEST(host_role, who_connects_to_many_web_servers_crawls_or_is_a_proxy) {
  made_host h;
  const auto python = h.program("python3", runtime::python);
  for (int i = 0; i < 40; ++i) {
    h.makes(state::established, place(fmt::format("203.0.113.{}", i).c_str(), 443), 2, python);
  }
  EXPECT_EQ(roles_in(h).at(0).role, host_role::crawler);
  h.listens(python, 3128).takes(state::established, 3128, 70, python);
  EXPECT_EQ(roles_in(h).at(0).role, host_role::proxy);
}

TEST(host_role, short_connections_that_leave_nothing_are_told_from_two_looks) {
  made_host h;
  const auto nginx = h.program("nginx", runtime::nginx);
  const auto curl = h.program("curl");
  h.listens(nginx, 80).takes(state::established, 80, 1, nginx);
  h.makes(state::established, place("10.0.0.5", 80), 1, curl);
  EXPECT_EQ(roles_in(h).at(1).role, host_role::web_server);
  h.s.namespaces[0].counter_rates["Tcp.ActiveOpens"] = 120;
  const auto roles = roles_in(h);
  ASSERT_EQ(roles.size(), 2U);
  const auto& balancer = roles[0].program == "nginx" ? roles[0] : roles[1];
  const auto& other = roles[0].program == "nginx" ? roles[1] : roles[0];
  EXPECT_EQ(balancer.role, host_role::load_balancer);
  EXPECT_EQ(balancer.made.closer, first_closer::other_end);
  EXPECT_EQ(other.made.closer, first_closer::unknown) << "its one connection is kept";
  h.s.namespaces[0].counter_rates["Tcp.PassiveOpens"] = 120;
  for (const auto& r : roles_in(h)) EXPECT_NE(r.role, host_role::load_balancer) << "curl's";
}

TEST(host_role, a_host_without_connections_has_none) {
  made_host h;
  h.listens(h.program("sshd"), 22);
  EXPECT_TRUE(roles_in(h).empty());
}

TEST(host_role, is_known_by_its_name) {
  for (const auto r : all_host_roles) EXPECT_EQ(parse_host_role(to_string(r)), r);
  EXPECT_FALSE(parse_host_role("server"));
}

}  // namespace
}  // namespace waitstate::remedy
