// Clients that open a connection for each call, through the sidecar to nginx, while servers close
// idle connections, die, come back, and the file is read again.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/kernel/sidecar_runs.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t front_port = 8080;
constexpr std::uint16_t server_port = 9080;

/// How long servers close what is idle: WAITSTATE_SIDECAR_SECONDS, or 5.
std::chrono::seconds idle_time_wanted() {
  const char* said = std::getenv("WAITSTATE_SIDECAR_SECONDS");
  return std::chrono::seconds(said == nullptr ? 5 : std::atoi(said));
}

class sidecar_calls : public testing::Test {
 protected:
  void SetUp() override { enter_private_network(); }

  /// One route from the front to these ports, with more lines.
  [[nodiscard]] std::string route_to(const std::vector<std::uint16_t>& ports,
                                     const std::string& lines = {}) const {
    std::string servers;
    for (const auto port : ports) servers += fmt::format("\"http://127.0.0.1:{}\",", port);
    return fmt::format(
        "[[route]]\nname = \"api\"\nlisten = [\"127.0.0.1:{}\", \"unix:{}\"]\nto = [{}]\n{}\n",
        front_port, path(), servers, lines);
  }
  [[nodiscard]] std::string path() const { return folder_.path() / "api.sock"; }

  /// Every second one over the unix socket.
  [[nodiscard]] call_answer get_over_either(int i) const {
    return i % 2 == 0 ? call_once(front_port, get_once()) : call_once(path(), get_once());
  }
  [[nodiscard]] calls_made make_calls(int count) const {
    return call_many(count, [this](int i) { return get_over_either(i); });
  }

  static void expect_no_failure(const calls_made& c) {
    EXPECT_EQ(c.failed, 0) << testing::PrintToString(c.troubles);
  }

  temporary_folder folder_;
};

TEST_F(sidecar_calls, of_one_request_leave_nothing_in_time_wait_towards_the_server) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route_to({server_port}));
  const auto calls = make_calls(calls_wanted());
  expect_no_failure(calls);
  EXPECT_EQ(calls.answers, (std::map<std::string, int>{{"hello", calls_wanted()}}));
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
}

TEST_F(sidecar_calls, do_not_fail_where_the_server_closes_after_a_second_or_a_hundred_requests) {
  const running_nginx server(server_port, "hello", "keepalive_timeout 1s; keepalive_requests 100;");
  const running_sidecar sidecar(route_to({server_port}));
  expect_no_failure(make_calls(calls_wanted()));
  // Around the moment at which the server closes what was idle.
  for (int i = 0; i < 6; ++i) {
    expect_no_failure(make_calls(20));
    std::this_thread::sleep_for(940ms + i * 20ms);
  }
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
}

/// In seconds, as `waitstate sidecar ctl servers` says it; 0 while nothing is learned.
double idle_limit_at(const std::string& admin) {
  const auto run = run_waitstate({"sidecar", "--json", "--admin", admin, "ctl", "servers"});
  if (run.exit_status != 0) throw std::runtime_error(run.errors);
  const auto status = nlohmann::json::parse(run.output);
  const auto& learned = status.at("routes").at(0).at("servers").at(0).at("idle_limit_learned");
  return learned.is_null() ? 0 : learned.get<double>();
}

TEST_F(sidecar_calls, do_not_fail_around_an_idle_limit_which_is_learned_and_shown) {
  const running_nginx server(server_port, "hello", "keepalive_timeout 1s;");
  const auto admin = (folder_.path() / "ctl.sock").string();
  const running_sidecar sidecar(fmt::format("admin = \"{}\"\n", admin) + route_to({server_port}));
  const auto until = std::chrono::steady_clock::now() + idle_time_wanted();
  double learned = 0;
  for (int i = 0; learned == 0 || std::chrono::steady_clock::now() < until; ++i) {
    ASSERT_LT(i, 200) << "nothing is learned";
    expect_no_failure(make_calls(4));
    std::this_thread::sleep_for(900ms + i % 8 * 30ms);
    learned = idle_limit_at(admin);
  }
  std::cout << "learned: " << learned << " s\n";
  EXPECT_NEAR(learned, 0.8, 0.25);
}

TEST_F(sidecar_calls, do_not_fail_while_one_of_three_servers_is_killed_and_restarted) {
  const running_nginx first(server_port, "first");
  const running_nginx second(server_port + 1, "second");
  running_nginx third(server_port + 2, "third");
  const running_sidecar sidecar(route_to({server_port, server_port + 1, server_port + 2}));
  std::atomic<bool> is_over{false};
  std::atomic<int> kills{0};
  std::thread breaking([&] {
    while (!is_over) {
      std::this_thread::sleep_for(500ms);
      third.kill();
      ++kills;
      std::this_thread::sleep_for(500ms);
      third.start();
    }
  });
  calls_made calls;
  for (int made = 0; made < calls_wanted() || kills < 3; made += 1000) {
    const auto part = make_calls(1000);
    calls.failed += part.failed;
    calls.troubles.insert(calls.troubles.end(), part.troubles.begin(), part.troubles.end());
    for (const auto& [who, count] : part.answers) calls.answers[who] += count;
  }
  is_over = true;
  breaking.join();
  expect_no_failure(calls);
  EXPECT_EQ(calls.answers.size(), 3U) << testing::PrintToString(calls.answers);
  for (std::uint16_t port = server_port; port < server_port + 3; ++port) {
    EXPECT_EQ(count_sockets_to(port, time_wait), 0);
  }
}

TEST_F(sidecar_calls, do_not_fail_while_the_file_is_read_again) {
  const running_nginx server(server_port, "hello");
  running_sidecar sidecar(route_to({server_port}));
  std::atomic<bool> is_over{false};
  std::atomic<int> changes{0};
  std::thread changing([&] {
    while (!is_over) {
      std::this_thread::sleep_for(250ms);
      const int i = ++changes;
      // In turn: something else than the route, and the route itself.
      sidecar.change_to(fmt::format("drain_time_max = \"{}s\"\n", 10 + i % 2) +
                        route_to({server_port}, fmt::format("queue_max = {}", 1000 + i / 2)));
    }
  });
  calls_made calls;
  for (int made = 0; made < calls_wanted() || changes < 8; made += 1000) {
    const auto part = make_calls(1000);
    calls.failed += part.failed;
    calls.troubles.insert(calls.troubles.end(), part.troubles.begin(), part.troubles.end());
  }
  is_over = true;
  changing.join();
  expect_no_failure(calls);
  EXPECT_NE(sidecar.said().find("read again"), std::string::npos) << sidecar.said();
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
}

/// How often each request has arrived at a server, shared with the process that serves.
class arrivals {
 public:
  explicit arrivals(std::size_t most)
      : most_(most),
        counts_(static_cast<std::atomic<int>*>(::mmap(nullptr, most * sizeof(std::atomic<int>),
                                                      PROT_READ | PROT_WRITE,
                                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~arrivals() { ::munmap(counts_, most_ * sizeof(std::atomic<int>)); }
  arrivals(const arrivals&) = delete;
  arrivals& operator=(const arrivals&) = delete;

  [[nodiscard]] std::atomic<int>& of(std::size_t i) const { return counts_[i % most_]; }

 private:
  std::size_t most_;
  std::atomic<int>* counts_;
};

/// Reads a request of "POST /NUMBER" with four bytes of body; -1 at the end.
int number_of_request(const fd& c) {
  std::string all;
  std::array<char, 4096> bytes{};
  while (all.find("\r\n\r\nbody") == all.npos) {
    const auto got = ::recv(c.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return -1;
    all.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return std::stoi(all.substr(all.find('/') + 1));
}

/// Counts what arrives. Closes in the three ways that make proxies send again: instead of an
/// answer, after an answer without a word, and a moment after one, when the next may be on its way.
void count_and_serve(const arrivals& counts, const program::ready& ready) {
  const auto listener = listen_on({.address = "127.0.0.1", .port = server_port});
  ready("");
  serve_all(listener, [&](fd accepted) {
    std::thread([&counts, c = std::move(accepted)] {
      for (int i = number_of_request(c); i >= 0; i = number_of_request(c)) {
        ++counts.of(static_cast<std::size_t>(i));
        if (i % 7 == 0) return;
        constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        ::send(c.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        if (i % 5 == 0) return;
        if (i % 3 != 0) continue;
        std::this_thread::sleep_for(std::chrono::microseconds(i % 200));
        return;
      }
    }).detach();
  });
}

TEST_F(sidecar_calls, of_post_reach_a_server_once_however_it_closes) {
  const int count = calls_wanted() / 4;
  const arrivals counts(static_cast<std::size_t>(count));
  const program serving("server",
                        [&](const program::ready& ready) { count_and_serve(counts, ready); });
  const running_sidecar sidecar(route_to({server_port}));
  const auto calls = call_many(
      count, [](int i) { return call_once(front_port, post_once(fmt::format("/{}", i), "body")); });
  int twice = 0;
  int arrived = 0;
  for (int i = 0; i < count; ++i) {
    const int times = counts.of(static_cast<std::size_t>(i));
    if (times > 1) ++twice;
    if (times > 0) ++arrived;
  }
  EXPECT_EQ(twice, 0);
  // What was answered has arrived, and what the server never answered has failed.
  EXPECT_GE(arrived, count - calls.failed);
  EXPECT_GE(calls.failed, count / 7);
  EXPECT_EQ(calls.answers, (std::map<std::string, int>{{"ok", count - calls.failed}}));
  std::cout << count << " POST, " << arrived << " arrived, " << calls.failed << " failed, of which "
            << count / 7 << " were never answered\n";
}

}  // namespace
}  // namespace waitstate::kernel_test
