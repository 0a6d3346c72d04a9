// What goes wrong on either side of the sidecar, and how much it then costs others.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/kernel/sidecar_runs.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint16_t front_port = 8080;
constexpr std::uint16_t server_port = 9080;
constexpr std::string_view established = "01";

class sidecar_faults : public testing::Test {
 protected:
  void SetUp() override { enter_private_network(); }

  [[nodiscard]] static std::string route(const std::string& lines = {},
                                         const std::string& scheme = "http") {
    return fmt::format(
        "[[route]]\nname = \"api\"\nlisten = \"127.0.0.1:{}\"\nto = \"{}://127.0.0.1:{}\"\n{}\n",
        front_port, scheme, server_port, lines);
  }
  [[nodiscard]] static fd connected() {
    return connect_to({.address = "127.0.0.1", .port = front_port});
  }
  [[nodiscard]] static bool soon(const std::function<bool()>& is_true, std::chrono::seconds most) {
    const auto until = steady_clock::now() + most;
    while (!is_true() && steady_clock::now() < until) std::this_thread::sleep_for(20ms);
    return is_true();
  }
  static void send(const fd& to, std::string_view bytes) {
    ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
};

TEST_F(sidecar_faults, out_of_descriptors_it_says_so_and_serves_on_when_there_are_some) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route(), {"prlimit", "--nofile=64:64"});
  {
    std::vector<fd> idle;
    for (int i = 0; i < 100; ++i) idle.push_back(connected());
    EXPECT_TRUE(soon([&] { return sidecar.said().find("accept") != std::string::npos; }, 5s))
        << sidecar.said();
  }
  const auto a = call_once(front_port, get_once());
  EXPECT_EQ(a.trouble, "");
  const auto said = sidecar.said();
  EXPECT_EQ(said.find("accept"), said.rfind("accept")) << "once: " << said;
}

TEST_F(sidecar_faults, a_server_that_never_answers_is_504_after_time_max) {
  const program silent("silent", [](const program::ready& ready) {
    const auto listener = listen_on({.address = "127.0.0.1", .port = server_port});
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) { kept.push_back(std::move(c)); });
  });
  const running_sidecar sidecar(route("time_max = \"1s\""));
  const auto began = steady_clock::now();
  const auto a = call_once(front_port, get_once());
  const auto took = steady_clock::now() - began;
  EXPECT_TRUE(a.text.starts_with("HTTP/1.1 504 ")) << a.text << a.trouble;
  EXPECT_NE(a.text.find("Proxy-Status: waitstate"), std::string::npos) << a.text;
  EXPECT_GE(took, 900ms);
  EXPECT_LE(took, 3s);
}

TEST_F(sidecar_faults, clients_that_send_a_byte_now_and_then_are_let_go_and_hinder_nobody) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route("client_idle_max = \"2s\""));
  std::vector<fd> slow;
  for (int i = 0; i < 500; ++i) slow.push_back(connected());
  const auto began = steady_clock::now();
  for (const auto byte : std::string("GET / HTTP/1.1\r\nHost: a\r\nX-A: ")) {
    for (const auto& c : slow) send(c, std::string(1, byte));
    EXPECT_EQ(call_once(front_port, get_once()).trouble, "");
    std::this_thread::sleep_for(100ms);
    if (steady_clock::now() - began > 5s) break;
  }
  // They still send, and have for more than the two seconds.
  EXPECT_TRUE(soon([&] { return count_sockets_to(front_port, established) == 0; }, 5s))
      << count_sockets_to(front_port, established);
}

std::int64_t resident_kib(int pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::string word;
  while (status >> word) {
    std::int64_t value = 0;
    if (word == "VmRSS:" && status >> value) return value;
  }
  return 0;
}

TEST_F(sidecar_faults, ten_thousand_idle_clients_cost_at_most_four_kib_each) {
  constexpr int clients = 10'000;
  rlimit descriptors{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
  ASSERT_GT(descriptors.rlim_max, clients + 500U);
  descriptors.rlim_cur = descriptors.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
  const running_nginx server(server_port, "hello");
  running_sidecar sidecar(route("clients_max = 20000\nclient_idle_max = \"10m\""));
  const auto ask = [](const fd& c) {
    send(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::array<char, 1024> bytes{};
    return ::recv(c.get(), bytes.data(), bytes.size(), 0) > 0;
  };
  std::vector<fd> idle;
  idle.push_back(connected());
  ASSERT_TRUE(ask(idle.front()));
  const auto before = resident_kib(sidecar.process().pid());
  while (idle.size() <= clients) {
    idle.push_back(connected());
    ASSERT_TRUE(ask(idle.back()));
  }
  const auto after = resident_kib(sidecar.process().pid());
  const auto each = static_cast<double>(after - before) / clients;
  std::cout << before << " KiB with one client, " << after << " KiB with " << clients
            << " more: " << each << " KiB each\n";
#ifdef __OPTIMIZE__
  EXPECT_LE(each, 4.0);
#else
  EXPECT_LE(each, 6.0) << "coroutines are larger where nothing is optimised";
#endif
}

TEST_F(sidecar_faults, its_end_under_load_loses_nobody_who_was_accepted) {
  const running_nginx server(server_port, "hello");
  running_sidecar sidecar(route());
  std::atomic<bool> is_over{false};
  std::thread ending([&] {
    std::this_thread::sleep_for(700ms);
    ::kill(sidecar.process().pid(), SIGTERM);
    std::this_thread::sleep_for(300ms);
    is_over = true;
  });
  std::atomic<int> refused{0};
  const auto calls = call_many(1'000'000, [&](int) -> call_answer {
    if (is_over) return {.text = "\r\n\r\nover", .trouble = {}};
    auto a = call_once(front_port, get_once());
    // Nobody listens any more: that was said before anything was asked.
    if (a.trouble == "connect: Connection refused") {
      ++refused;
      a = {.text = "\r\n\r\nrefused", .trouble = {}};
    }
    return a;
  });
  ending.join();
  // One may connect between the last accept() and the close of the listening socket.
  EXPECT_LE(calls.failed, 1) << testing::PrintToString(calls.troubles);
  EXPECT_GT(refused, 0);
  EXPECT_GT(calls.answers.at("hello"), 100);
  EXPECT_TRUE(soon([&] { return !sidecar.process().is_running(); }, 10s));
}

TEST_F(sidecar_faults, what_a_server_of_tcp_says_first_is_its_clients) {
  const program greeting("server", [](const program::ready& ready) {
    const auto listener = listen_on({.address = "127.0.0.1", .port = server_port});
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) {
      send_bytes(c, 1);
      kept.push_back(std::move(c));
    });
  });
  const running_sidecar sidecar(route({}, "tcp"));
  for (int i = 0; i < 30; ++i) {
    const auto c = connected();
    EXPECT_NO_THROW(read_bytes(c, 1)) << i;
    if (i % 10 == 9) std::this_thread::sleep_for(200ms);
  }
}

TEST_F(sidecar_faults, a_client_that_is_killed_in_a_tunnel_leaves_nothing) {
  const program echoing("server", [](const program::ready& ready) {
    const auto listener = listen_on({.address = "127.0.0.1", .port = server_port});
    ready("");
    std::vector<fd> kept;
    serve_all(listener, [&](fd c) {
      send_bytes(c, 1);
      kept.push_back(std::move(c));
    });
  });
  const running_sidecar sidecar(route({}, "tcp"));
  {
    const program client("client", [](const program::ready& ready) {
      const auto c = connected();
      read_bytes(c, 1);
      ready("");
      for (;;) ::pause();
    });
    EXPECT_GE(count_sockets_to(front_port, established), 1);
  }  // here it is killed
  EXPECT_TRUE(soon([] { return count_sockets_to(server_port, established) == 0; }, 5s))
      << count_sockets_to(server_port, established);
  EXPECT_TRUE(soon([] { return count_sockets(close_wait) == 0; }, 5s));
  EXPECT_EQ(count_sockets_to(front_port, established), 0);
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
}

}  // namespace
}  // namespace waitstate::kernel_test
