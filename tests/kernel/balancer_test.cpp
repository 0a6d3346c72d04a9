#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view common = R"(
user root; daemon off; master_process on; worker_processes 1; pid nginx-{0}.pid; error_log error-{0}.log;
events {{ worker_connections 512; }}
)";

/// A real load balancer in front of a real web server, each in a network of its own: what the
/// articles about TIME-WAIT argue over. 40 ports lead from the one to the other.
class balancer : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    network_ = join_second_network(near(), far());
    set_sysctl("net.ipv4.ip_local_port_range", "40000 40039");
  }

  [[nodiscard]] static std::string near() { return is_v6() ? "fd99::1" : "10.99.0.1"; }
  [[nodiscard]] static std::string far() { return is_v6() ? "fd99::2" : "10.99.0.2"; }

  /// `to_server` decides who closes first on the way to the web server. An answer without a length
  /// ends with the server's close.
  void start(std::string_view to_server, std::string_view no_length = "off") {
    static_cast<void>(folder_.write("index.html", "ok"));
    const auto server = fmt::format(common, "server") +
                        fmt::format(
                            "http {{ access_log off; server {{ listen {}; root {}; "
                            "ssi {}; ssi_types *; }} }}\n",
                            text_of({far(), 8080}), folder_.path().string(), no_length);
    const auto proxy = fmt::format(common, "balancer") +
                       fmt::format(
                           "http {{ access_log off; keepalive_requests 100000; server {{ "
                           "listen {}; location / {{ {} proxy_pass http://{}; }} }} }}\n",
                           text_of({near(), 8000}), to_server, text_of({far(), 8080}));
    server_.emplace(
        std::vector<std::string>{"nsenter", "-t", std::to_string(network_), "-n", "nginx", "-p",
                                 folder_.path(), "-c", folder_.write("server.conf", server)},
        folder_.path());
    balancer_.emplace(std::vector<std::string>{"nginx", "-p", folder_.path(), "-c",
                                               folder_.write("balancer.conf", proxy)},
                      folder_.path());
    for (int i = 0; i < 100 && !client_; ++i) {
      try {
        client_.emplace(connect_to({near(), 8000}));
      } catch (const std::system_error&) {
        std::this_thread::sleep_for(50ms);
      }
    }
    ASSERT_TRUE(client_) << "nginx does not listen";
    for (int i = 0; i < 100 && !ask(); ++i) std::this_thread::sleep_for(50ms);
  }

  /// One request over the client's one connection, which is kept; was it answered with 200?
  bool ask() {
    constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    if (::send(client_->get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
    std::string got;
    std::array<char, 4096> part{};
    const auto is_whole = [&] {
      const auto end = got.find("\r\n\r\n");
      const auto length = got.find("Content-Length: ");
      if (got.ends_with("\r\n0\r\n\r\n")) return true;  // The last chunk.
      if (end == got.npos || length == got.npos) return false;
      return got.size() >= end + 4 + std::stoul(got.substr(length + 16));
    };
    while (!is_whole()) {
      const auto n = ::recv(client_->get(), part.data(), part.size(), 0);
      if (n <= 0) return false;
      got.append(part.data(), static_cast<std::size_t>(n));
    }
    return got.starts_with("HTTP/1.1 200");
  }
  /// How many of so many requests were answered.
  int ask_for(int requests) {
    int answered = 0;
    for (int i = 0; i < requests; ++i) answered += ask() ? 1 : 0;
    return answered;
  }

  /// `waitstate tune` at the balancer, or at the web server.
  [[nodiscard]] nlohmann::json plan(std::vector<std::string> more = {}, bool at_server = false) {
    more.insert(more.begin(), {"tune", "--json"});
    if (at_server) more.insert(more.end(), {"--netns", std::to_string(network_)});
    const auto ran = run_waitstate(more);
    EXPECT_EQ(ran.exit_status, 0) << ran.errors;
    return nlohmann::json::parse(ran.output).at("plan");
  }
  /// The same while requests come all the time, 200 a second.
  [[nodiscard]] nlohmann::json plan_under_load(bool at_server) {
    std::jthread load([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ask();
        std::this_thread::sleep_for(5ms);
      }
    });
    return plan({"--interval", "1s"}, at_server);
  }
  void apply(const std::vector<std::string>& what) {
    std::vector<std::string> words{"tune"};
    words.insert(words.end(), what.begin(), what.end());
    for (const auto* option : {"--apply", "--state", "--log"}) {
      words.emplace_back(option);
      if (words.back() != "--apply") words.push_back(folder_.path() / (option + 2));
    }
    const auto ran = run_waitstate(words);
    ASSERT_EQ(ran.exit_status, 0) << ran.errors;
  }

  [[nodiscard]] static nlohmann::json in_role(const nlohmann::json& plan, std::string_view role) {
    for (const auto& r : plan.at("roles")) {
      if (r.at("role") == role) return r;
    }
    return nullptr;
  }
  [[nodiscard]] static std::vector<std::string> keys_of(const nlohmann::json& list) {
    std::vector<std::string> keys;
    for (const auto& one : list) keys.push_back(one.at("key"));
    return keys;
  }
  [[nodiscard]] static bool has(const nlohmann::json& list, std::string_view key) {
    const auto keys = keys_of(list);
    return std::ranges::find(keys, key) != keys.end();
  }

  temporary_folder folder_;
  int network_ = 0;
  std::optional<server_process> server_;
  std::optional<server_process> balancer_;
  std::optional<fd> client_;
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
