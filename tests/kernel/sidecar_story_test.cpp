// A program that opens a connection for each call and closes it first, with 200 ports: without the
// sidecar, and with it.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/kernel/sidecar_runs.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

constexpr std::uint16_t front_port = 8080;
constexpr std::uint16_t server_port = 9080;
constexpr int ports = 200;
constexpr std::string_view established = "01";

class sidecar_story : public testing::Test {
 protected:
  void SetUp() override {
    enter_private_network();
    set_sysctl("net.ipv4.ip_local_port_range", "20000 20199");
    set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  }

  [[nodiscard]] std::string route(std::string_view scheme) const {
    return fmt::format(
        "[[route]]\nname = \"api\"\nlisten = [\"127.0.0.1:{}\", \"unix:{}\"]\n"
        "to = \"{}://127.0.0.1:{}\"\n",
        front_port, path(), scheme, server_port);
  }
  [[nodiscard]] std::string path() const { return folder_.path() / "api.sock"; }

  temporary_folder folder_;
};

/// One call of a client that would keep its connection, and closes it when it has the answer.
void call_and_close(const fd& connection) {
  constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string all;
  std::array<char, 4096> bytes{};
  ::send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL);
  while (!all.ends_with("\r\n\r\nhello")) {
    const auto got = ::recv(connection.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) throw std::runtime_error("answered: " + all);
    all.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

/// A program of its own that makes so many calls and stays; it says how far it came, and why not
/// further.
class calling_program {
 public:
  calling_program(int count, const std::function<fd()>& connect)
      : program_("script", [&](const program::ready& ready) {
          int done = 0;
          std::string why = "all were answered";
          try {
            for (; done < count; ++done) call_and_close(connect());
          } catch (const std::exception& e) {
            why = e.what();
          }
          ready(fmt::format("{} calls: {}", done, why));
          for (;;) ::pause();
        }) {}

  [[nodiscard]] const std::string& said() const { return program_.said(); }

 private:
  program program_;
};

fd connect_to_port(std::uint16_t port) {
  return connect_to({.address = "127.0.0.1", .port = port});
}

/// For whoever reads the output, docs/sidecar.md for one.
void show(std::string_view title, const calling_program& p) {
  std::cout << "== " << title << ": " << p.said() << '\n'
            << run_waitstate({"diagnose", "--width", "100"}).output;
}

TEST_F(sidecar_story, without_it_two_hundred_ports_last_for_two_hundred_calls) {
  const running_nginx server(server_port, "hello");
  const calling_program alone(1000, [] { return connect_to_port(server_port); });
  show("without", alone);
  EXPECT_TRUE(alone.said().ends_with(" calls: connect: Cannot assign requested address"))
      << alone.said();
  EXPECT_LE(std::stoi(alone.said()), ports);
  EXPECT_EQ(first_finding(diagnose()).value("id", ""), "ephemeral-port-exhaustion");
  EXPECT_EQ(run_waitstate({"diagnose"}).exit_status, 2);
}

TEST_F(sidecar_story, over_a_unix_socket_a_call_needs_no_port) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route("http"));
  const calling_program with(calls_wanted(), [&] { return connect_to_path(path()); });
  show("over a unix socket", with);
  EXPECT_EQ(with.said(), fmt::format("{} calls: all were answered", calls_wanted()));
  // nginx ends a connection after a thousand requests: those few are on its own port.
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
  EXPECT_TRUE(diagnose().at("findings").empty()) << diagnose().dump(1);
}

TEST_F(sidecar_story, over_tcp_a_client_that_closes_first_gives_its_port_back) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route("http"));
  const calling_program with(calls_wanted(), [] { return connect_to_port(front_port); });
  show("over TCP", with);
  EXPECT_EQ(with.said(), fmt::format("{} calls: all were answered", calls_wanted()));
  EXPECT_EQ(count_sockets_to(front_port, time_wait), 0);
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
  EXPECT_TRUE(diagnose().at("findings").empty()) << diagnose().dump(1);
}

TEST_F(sidecar_story, a_tunnel_of_tcp_leaves_no_port_behind_either) {
  const running_nginx server(server_port, "hello");
  const running_sidecar sidecar(route("tcp"));
  // Each holds its connection for a second, in which the server might end.
  constexpr int calls = 150;
  const calling_program with(calls, [] { return connect_to_port(front_port); });
  EXPECT_EQ(with.said(), fmt::format("{} calls: all were answered", calls));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (count_sockets_to(server_port, established) > 0 &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(count_sockets_to(server_port, established), 0);
  EXPECT_EQ(count_sockets_to(front_port, time_wait), 0);
  EXPECT_EQ(count_sockets_to(server_port, time_wait), 0);
}

}  // namespace
}  // namespace waitstate::kernel_test
