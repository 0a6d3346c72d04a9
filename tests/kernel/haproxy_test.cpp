// Who closes first behind a real HAProxy, which does it in other ways than nginx.
#include <unistd.h>

#include <cstdint>

#include "tests/kernel/balancer_fixture.h"

namespace waitstate::kernel_test {
namespace {

class haproxy : public balancer_fixture {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    balancer_fixture::SetUp();
  }
  void start(std::string_view mode, std::string_view option) {
    start_server();
    const auto configuration = fmt::format(
        "global\n  maxconn 400\n"
        "defaults\n  mode {}\n  {}\n  timeout connect 2s\n  timeout client 20s\n  timeout server "
        "20s\n"
        "frontend f\n  bind {}\n  default_backend b\n"
        "backend b\n  server s {}\n",
        mode, option, text_of({near(), 8000}), text_of({far(), 8080}));
    start_balancer({"haproxy", "-db", "-f", folder_.write("haproxy.cfg", configuration)});
    for (int i = 0; i < 100 && !ask_anew(); ++i) std::this_thread::sleep_for(50ms);
  }
  /// One request over a connection of its own, which the client closes first unless HAProxy does.
  /// Its port is none of those that lead to the server.
  bool ask_anew() {
    try {
      client_.emplace(connect_from(where{near(), next_port_++}, where{near(), 8000}));
    } catch (const std::system_error&) {
      return false;
    }
    return ask();
  }
  int ask_anew_for(int requests) {
    int answered = 0;
    for (int i = 0; i < requests; ++i) answered += ask_anew() ? 1 : 0;
    return answered;
  }

 private:
  std::uint16_t next_port_ = 50'000;
};

TEST_P(haproxy, that_passes_the_clients_close_on_runs_out_of_ports_and_reuse_lets_it_go_on) {
  start("tcp", "");
  EXPECT_LT(ask_anew_for(60), 60) << "40 ports are not enough for 60 connections in a minute";
  const auto before = plan();
  const auto role = in_role(before, "load-balancer");
  ASSERT_FALSE(role.is_null()) << before.dump(1);
  EXPECT_EQ(role.at("program"), "haproxy");
  EXPECT_EQ(role.at("made").at("closes_first"), "this-host");
  EXPECT_EQ(role.at("tightest").at("destination"), text_of({far(), 8080}));
  const auto& settings = before.at("settings");
  ASSERT_TRUE(has(settings, "net.ipv4.tcp_tw_reuse")) << before.dump(1);

  apply({"net.ipv4.tcp_tw_reuse=1"});
  for (int second = 0; second < 3; ++second) {
    std::this_thread::sleep_for(1'100ms);  // tcp_tw_reuse_delay
    EXPECT_EQ(ask_anew_for(36), 36) << "after " << second;
  }
}

TEST_P(haproxy, that_asks_for_a_close_lets_the_server_close_first_and_never_runs_out) {
  for (const auto* option : {"option http-server-close", "option httpclose"}) {
    client_.reset();
    balancer_.reset();
    server_.reset();
    start("http", option);
    EXPECT_EQ(ask_anew_for(120), 120) << option << ": no port is held here";
    const auto here = plan();
    EXPECT_FALSE(has(here.at("settings"), "net.ipv4.tcp_tw_reuse")) << here.dump(1);
    EXPECT_FALSE(has(here.at("settings"), "net.ipv4.ip_local_port_range")) << here.dump(1);
    const auto there = plan({}, true);
    const auto server = in_role(there, "web-server");
    ASSERT_FALSE(server.is_null()) << option << there.dump(1);
    EXPECT_EQ(server.at("taken").at("closes_first"), "this-host") << option;
    EXPECT_TRUE(there.at("settings").empty()) << "TIME-WAIT of a server needs nothing";
  }
}

WAITSTATE_BOTH_FAMILIES(haproxy);

}  // namespace
}  // namespace waitstate::kernel_test
