#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::kernel_test {

using namespace std::chrono_literals;

inline constexpr std::string_view nginx_common = R"(
user root; daemon off; master_process on; worker_processes 1; pid nginx-{0}.pid; error_log error-{0}.log;
events {{ worker_connections 512; }}
)";

/// A real load balancer in front of a real web server, each in a network of its own: what the
/// articles about TIME-WAIT argue over. 40 ports lead from the one to the other.
class balancer_fixture : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    network_ = join_second_network(near(), far());
    set_sysctl("net.ipv4.ip_local_port_range", "40000 40039");
  }

  [[nodiscard]] static std::string near() { return is_v6() ? "fd99::1" : "10.99.0.1"; }
  [[nodiscard]] static std::string far() { return is_v6() ? "fd99::2" : "10.99.0.2"; }

  /// nginx as the web server. An answer without a length ends with its close.
  void start_server(std::string_view no_length = "off") {
    static_cast<void>(folder_.write("index.html", "ok"));
    const auto server = fmt::format(nginx_common, "server") +
                        fmt::format(
                            "http {{ access_log off; server {{ listen {}; root {}; "
                            "ssi {}; ssi_types *; }} }}\n",
                            text_of({far(), 8080}), folder_.path().string(), no_length);
    server_.emplace(
        std::vector<std::string>{"nsenter", "-t", std::to_string(network_), "-n", "nginx", "-p",
                                 folder_.path(), "-c", folder_.write("server.conf", server)},
        folder_.path());
  }
  /// The program in front of it, which listens on port 8000.
  void start_balancer(const std::vector<std::string>& words) {
    balancer_.emplace(words, folder_.path());
    for (int i = 0; i < 100 && !client_; ++i) {
      try {
        client_.emplace(connect_to({near(), 8000}));
      } catch (const std::system_error&) {
        std::this_thread::sleep_for(50ms);
      }
    }
    ASSERT_TRUE(client_) << words.front() << " does not listen";
  }

  /// One request over the client's one connection, which is kept; was it answered with 200?
  bool ask() {
    constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    if (::send(client_->get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return false;
    std::string got;
    std::array<char, 4096> part{};
    const auto is_whole = [&] {
      const auto end = got.find("\r\n\r\n");
      auto length = got.find("Content-Length: ");
      if (length == got.npos) length = got.find("content-length: ");  // as HAProxy writes it
      if (got.ends_with("\r\n0\r\n\r\n")) return true;                // The last chunk.
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

}  // namespace waitstate::kernel_test
