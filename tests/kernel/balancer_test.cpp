#include "tests/kernel/balancer_fixture.h"

namespace waitstate::kernel_test {
namespace {

class balancer : public balancer_fixture {
 protected:
  /// `to_server` decides who closes first on the way to the web server.
  void start(std::string_view to_server, std::string_view no_length = "off") {
    start_server(no_length);
    const auto proxy = fmt::format(nginx_common, "balancer") +
                       fmt::format(
                           "http {{ access_log off; keepalive_requests 100000; server {{ "
                           "listen {}; location / {{ {} proxy_pass http://{}; }} }} }}\n",
                           text_of({near(), 8000}), to_server, text_of({far(), 8080}));
    start_balancer({"nginx", "-p", folder_.path(), "-c", folder_.write("balancer.conf", proxy)});
    for (int i = 0; i < 100 && !ask(); ++i) std::this_thread::sleep_for(50ms);
  }
};

constexpr std::string_view balancer_closes =
    "proxy_http_version 1.1; proxy_set_header Connection '';";
constexpr std::string_view server_closes = "";  // nginx asks for it: HTTP/1.0, Connection: close

TEST_P(balancer, that_closes_first_runs_out_of_ports_and_reuse_lets_it_go_on) {
  start(balancer_closes);
  EXPECT_LT(ask_for(60), 60) << "40 ports are not enough for 60 connections in a minute";
  const auto before = plan();
  const auto role = in_role(before, "load-balancer");
  ASSERT_FALSE(role.is_null()) << before.dump(1);
  EXPECT_EQ(role.at("program"), "nginx");
  EXPECT_EQ(role.at("made").at("closes_first"), "this-host");
  EXPECT_EQ(role.at("tightest").at("destination"), text_of({far(), 8080}));
  const auto& settings = before.at("settings");
  ASSERT_FALSE(settings.empty());
  EXPECT_EQ(settings.at(0).at("key"), "net.ipv4.tcp_tw_reuse");
  EXPECT_EQ(settings.at(0).at("value"), "1");
  EXPECT_TRUE(has(settings, "net.ipv4.ip_local_port_range"));
  EXPECT_FALSE(has(before.at("refused"), "net.ipv4.tcp_tw_reuse")) << "it helps here";

  apply({"net.ipv4.tcp_tw_reuse=1"});
  for (int second = 0; second < 3; ++second) {
    std::this_thread::sleep_for(1'100ms);  // tcp_tw_reuse_delay
    EXPECT_EQ(ask_for(36), 36) << "after " << second;
  }
  const auto after = plan();
  EXPECT_FALSE(has(after.at("settings"), "net.ipv4.tcp_tw_reuse")) << after.dump(1);
}

TEST_P(balancer, that_closes_first_goes_on_with_the_whole_plan_applied) {
  start(balancer_closes);
  EXPECT_LT(ask_for(60), 60);
  apply({});
  EXPECT_EQ(ask_for(200), 200) << "the wider range has room at once";
  const auto capacity = run_waitstate({"tune", "--capacity", "--json"});
  const auto places = nlohmann::json::parse(capacity.output).at("destinations");
  const auto place = std::ranges::find(places, nlohmann::json(text_of({far(), 8080})),
                                       [](const auto& p) { return p.at("destination"); });
  ASSERT_NE(place, places.end()) << places.dump(1);
  EXPECT_EQ(place->at("held_ms"), 1'000) << "reused after a second";
  EXPECT_GT(place->at("bearable_per_second"), 50'000);
}

TEST_P(balancer, whose_server_sees_nothing_to_set_when_the_balancer_closes_first) {
  start(balancer_closes);
  set_sysctl("net.ipv4.ip_local_port_range", "32768 60999");
  const auto at_server = plan_under_load(true);
  const auto role = in_role(at_server, "web-server");
  ASSERT_FALSE(role.is_null()) << at_server.dump(1);
  EXPECT_EQ(role.at("taken").at("closes_first"), "other-end");
  EXPECT_TRUE(at_server.at("settings").empty()) << at_server.dump(1);
}

TEST_P(balancer, whose_server_closes_first_never_runs_out) {
  start(server_closes, "on");
  EXPECT_EQ(ask_for(300), 300) << "40 ports are enough: none is held here";
  const auto here = plan_under_load(false);
  const auto role = in_role(here, "load-balancer");
  ASSERT_FALSE(role.is_null()) << here.dump(1);
  EXPECT_EQ(role.at("made").at("closes_first"), "other-end");
  EXPECT_FALSE(has(here.at("settings"), "net.ipv4.tcp_tw_reuse")) << here.dump(1);

  const auto there = plan({}, true);
  const auto server = in_role(there, "web-server");
  ASSERT_FALSE(server.is_null()) << there.dump(1);
  EXPECT_EQ(server.at("taken").at("closes_first"), "this-host");
  EXPECT_TRUE(there.at("settings").empty()) << "TIME-WAIT of a server needs nothing";
  const auto refused = std::ranges::find(there.at("refused"), "net.ipv4.tcp_tw_reuse",
                                         [](const auto& r) { return r.at("key"); });
  ASSERT_NE(refused, there.at("refused").end());
  EXPECT_NE(refused->at("proof").get<std::string>().find("are of connections that were accepted"),
            std::string::npos);
}

WAITSTATE_BOTH_FAMILIES(balancer);

}  // namespace
}  // namespace waitstate::kernel_test
