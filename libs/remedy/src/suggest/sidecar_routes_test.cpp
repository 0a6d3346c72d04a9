#include "waitstate/remedy/sidecar_routes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host_fixture.h"

namespace waitstate::remedy {
namespace {

using tcp::state;
using testing::HasSubstr;
using testing::Not;

made_host php_that_drowns() {
  made_host h;
  const auto php = h.program("php-fpm", runtime::php);
  h.makes(state::established, place("10.0.0.5", 6379), 3, php)
      .makes(state::time_wait, place("10.0.0.5", 6379), 12'000)
      .evenly_closed()
      .makes(state::time_wait, place("10.0.0.7", 80), 600);
  return h;
}

TEST(sidecar_routes, a_connection_for_each_call_is_a_route) {
  const auto all = suggest_sidecar_routes(php_that_drowns().s);
  ASSERT_EQ(all.routes.size(), 2U);
  EXPECT_EQ(all.routes[0].name, "redis-10.0.0.5");
  EXPECT_EQ(all.routes[0].scheme, "redis");
  EXPECT_EQ(all.routes[0].program, "php-fpm");
  EXPECT_EQ(all.routes[0].front_port, 6379);
  EXPECT_EQ(all.routes[0].time_wait, 12'000U);
  EXPECT_EQ(all.routes[0].closes_per_second, 200.0);
  EXPECT_EQ(all.routes[1].scheme, "http");
  EXPECT_EQ(all.routes[1].front_port, 8080) << "80 needs rights";
}

TEST(sidecar_routes, the_file_says_what_it_is_for) {
  EXPECT_EQ(
      to_toml(suggest_sidecar_routes(php_that_drowns().s)),
      R"(# Written by `waitstate sidecar suggest`. As sidecar.toml, `waitstate sidecar --check --config
# sidecar.toml` reads it, and `waitstate sidecar --config sidecar.toml` serves it.

# php-fpm: 12,000 in TIME-WAIT to 10.0.0.5:6379, 200 connections a second.
# Let it connect to 127.0.0.1:6379, or to the unix socket, which needs no port at all.
[[route]]
name = "redis-10.0.0.5"
listen = ["127.0.0.1:6379", "unix:/run/waitstate/redis-10.0.0.5.sock"]
to = "redis://10.0.0.5:6379"

# 600 in TIME-WAIT to 10.0.0.7:80.
# Let the program connect to 127.0.0.1:8080, or to the unix socket, which needs no port at all.
[[route]]
name = "http-10.0.0.7"
listen = ["127.0.0.1:8080", "unix:/run/waitstate/http-10.0.0.7.sock"]
to = "http://10.0.0.7:80"
)");
}

TEST(sidecar_routes, what_is_kept_or_rare_is_none) {
  made_host h;
  const auto java = h.program("java", runtime::java);
  h.makes(state::established, place("10.0.0.9", 5432), 40, java)
      .makes(state::time_wait, place("10.0.0.9", 5432), 120)
      .makes(state::time_wait, place("10.0.0.8", 80), 90);
  const auto all = suggest_sidecar_routes(h.s);
  EXPECT_TRUE(all.routes.empty());
  EXPECT_THAT(to_toml(all), HasSubstr("# No route would help"));
  EXPECT_THAT(to_toml(all), Not(HasSubstr("[[route]]")));
}

TEST(sidecar_routes, a_reverse_proxy_keeps_connections_itself) {
  made_host h;
  const auto nginx = h.program("nginx", runtime::nginx);
  h.makes(state::established, place("10.0.0.7", 8080), 20, nginx)
      .makes(state::time_wait, place("10.0.0.7", 8080), 24'000);
  EXPECT_TRUE(suggest_sidecar_routes(h.s).routes.empty());
}

TEST(sidecar_routes, no_front_is_where_somebody_listens_or_connect_takes_ports) {
  made_host h;
  h.listens(h.program("redis-server"), 6379)
      .makes(state::time_wait, place("127.0.0.1", 6379), 500)
      .makes(state::time_wait, place("10.0.0.7", 40'000), 400);
  const auto all = suggest_sidecar_routes(h.s);
  ASSERT_EQ(all.routes.size(), 2U);
  EXPECT_EQ(all.routes[0].front_port, 8080);
  EXPECT_EQ(all.routes[1].front_port, 8081);
  EXPECT_EQ(all.routes[1].scheme, "tcp");
  EXPECT_THAT(to_toml(all), HasSubstr("none stays in TIME-WAIT here"));
}

TEST(sidecar_routes, two_ports_of_a_server_have_two_names) {
  made_host h;
  h.makes(state::time_wait, place("2001:db8::7", 5432), 500)
      .makes(state::time_wait, place("2001:db8::7", 5433), 400);
  const auto all = suggest_sidecar_routes(h.s);
  ASSERT_EQ(all.routes.size(), 2U);
  EXPECT_EQ(all.routes[0].name, "tcp-2001-db8--7");
  EXPECT_EQ(all.routes[1].name, "tcp-2001-db8--7-5433");
  EXPECT_EQ(all.routes[0].server, "[2001:db8::7]:5432");
}

TEST(sidecar_routes, a_name_of_a_program_stays_in_its_line) {
  made_host h;
  const auto odd = h.program("a\nlisten = 1");
  h.makes(state::established, place("10.0.0.5", 6379), 1, odd)
      .makes(state::time_wait, place("10.0.0.5", 6379), 500);
  EXPECT_THAT(to_toml(suggest_sidecar_routes(h.s)), HasSubstr("# a?listen = 1: 500"));
}

TEST(sidecar_routes, what_is_past_the_most_is_counted) {
  made_host h;
  for (int i = 0; i < 40; ++i) {
    h.makes(state::time_wait, place(fmt::format("10.0.1.{}", i).c_str(), 80), 200);
  }
  const auto all = suggest_sidecar_routes(h.s);
  EXPECT_EQ(all.routes.size(), sidecar_routes::most);
  EXPECT_EQ(all.left_out, 8U);
  EXPECT_THAT(to_toml(all), HasSubstr("# 8 more destinations are left out."));
}

}  // namespace
}  // namespace waitstate::remedy
