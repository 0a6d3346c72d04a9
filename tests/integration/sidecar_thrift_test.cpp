// Clients that Apache Thrift generates for Python and PHP, through `waitstate sidecar`, to each
// kind of server; and servers that are found through a live ZooKeeper.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/sidecar_process.h"
#include "tests/integration/thrift/thrift_servers.h"

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

class sidecar_thrift : public testing::Test {
 protected:
  /// A sidecar to the server, with an access log and a socket for its orders.
  void start(const thrift_server& server, std::string_view more = {}) {
    const bool is_mux = scheme_ == "thriftmux";
    const auto file = folder_.write(
        "sidecar.toml",
        fmt::format("admin = \"{0}/admin\"\naccess_log = \"{0}/access\"\n[[route]]\nname = \"t\"\n"
                    "listen = [\"127.0.0.1:{1}\", \"unix:{0}/t.sock\"]\nto = \"{2}://{3}\"\n{4}\n",
                    folder_.path().string(), port_, is_mux ? "thriftmux" : "thrift",
                    client::to_string(server.at()), more));
    running_.emplace(std::vector<std::string>{WAITSTATE_BINARY, "sidecar", "--config", file},
                     folder_.path());
    ASSERT_TRUE(wait_for_port(port_));
  }

  [[nodiscard]] std::string python(std::string_view kind, std::string_view name, int clients,
                                   std::string at = {}) const {
    if (at.empty()) at = std::to_string(port_);
    return shell_output(fmt::format("/usr/bin/python3 {}/echo_client.py {} {} {} {} {}",
                                    WAITSTATE_THRIFT_FOLDER, WAITSTATE_THRIFT_GEN_PY, at, kind,
                                    name, clients));
  }

  [[nodiscard]] std::string php(std::string_view kind, std::string_view name, int clients) const {
    return shell_output(fmt::format("php {}/echo_client.php {} {} {} {} {}",
                                    WAITSTATE_THRIFT_FOLDER, WAITSTATE_THRIFT_GEN_PHP, port_, kind,
                                    name, clients));
  }

  /// What the sidecar has counted under this name.
  [[nodiscard]] int figure_of(const std::string& name) const {
    const auto all = shell_output(fmt::format("{} sidecar ctl metrics --admin {}/admin",
                                              WAITSTATE_BINARY, folder_.path().string()));
    const auto at = all.find("waitstate_sidecar_" + name + "{route=\"t\"");
    const auto value = at == all.npos ? at : all.find("} ", at);
    return value == all.npos ? -1 : std::stoi(all.substr(value + 2));
  }

  [[nodiscard]] std::string access_log() const {
    std::ostringstream all;
    all << std::ifstream(folder_.path() / "access").rdbuf();
    return all.str();
  }

  temporary_folder folder_;
  std::string scheme_ = "thrift";
  const std::uint16_t port_ = free_port();
  std::optional<server_process> running_;
};

struct servers_and_scheme {
  server_kind kind;
  std::string scheme;

  friend void PrintTo(const servers_and_scheme& what, std::ostream* out) {
    *out << what.scheme << " to " << to_string(what.kind);
  }
};

class sidecar_thrift_kinds : public sidecar_thrift,
                             public testing::WithParamInterface<servers_and_scheme> {
 protected:
  sidecar_thrift_kinds() { scheme_ = GetParam().scheme; }
};

TEST_P(sidecar_thrift_kinds, carry_generated_clients_with_and_without_frames) {
  const thrift_server server(GetParam().kind, "one", folder_);
  start(server);
  EXPECT_EQ(python("framed", "one", 100), "done\n");
  EXPECT_EQ(python("buffered", "one", 100), "done\n");
  EXPECT_EQ(python("framed", "one", 100, folder_.path() / "t.sock"), "done\n");
  EXPECT_GE(figure_of("thrift_calls_total"), 400);
  EXPECT_EQ(figure_of("thrift_calls_failed_total"), 0);
  // What a oneway message is under way on is not there for the next call: a few more than one.
  EXPECT_LE(figure_of("server_dials_total"), 4);
}

INSTANTIATE_TEST_SUITE_P(thrift, sidecar_thrift_kinds,
                         testing::Values(servers_and_scheme{server_kind::plain, "thrift"},
                                         servers_and_scheme{server_kind::python, "thrift"},
                                         servers_and_scheme{server_kind::upgraded, "thrift"},
                                         servers_and_scheme{server_kind::mux, "thrift"},
                                         servers_and_scheme{server_kind::mux, "thriftmux"}),
                         [](const auto& info) {
                           return info.param.scheme + "_" + std::string(to_string(info.param.kind));
                         });

TEST_F(sidecar_thrift, carries_php) {
  if (!std::filesystem::exists("/usr/lib/php/Transport/TFramedTransport.php")) {
    GTEST_SKIP() << "php-thrift is not installed";
  }
  const thrift_server server(server_kind::upgraded, "one", folder_);
  start(server);
  EXPECT_EQ(php("framed", "one", 100), "done\n");
  EXPECT_EQ(php("buffered", "one", 100), "done\n");
  EXPECT_EQ(figure_of("thrift_calls_failed_total"), 0);
}

TEST_F(sidecar_thrift, carries_the_compact_protocol_in_frames) {
  const thrift_server server(server_kind::compact, "one", folder_);
  start(server);
  EXPECT_EQ(python("compact", "one", 20), "done\n");
}

TEST_F(sidecar_thrift, writes_a_line_of_each_call) {
  const thrift_server server(server_kind::plain, "one", folder_);
  start(server);
  ASSERT_EQ(python("framed", "one", 1), "done\n");
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (access_log().find("request=\"fail\"") == std::string::npos &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(20ms);
  }
  const auto log = access_log();
  EXPECT_NE(log.find(" route=t client=\"port "), std::string::npos) << log;
  EXPECT_NE(log.find("request=\"note\" status=oneway bytes=0 ms="), std::string::npos) << log;
  EXPECT_NE(log.find("request=\"fail\" status=exception "), std::string::npos) << log;
  EXPECT_NE(log.find(" server=" + client::to_string(server.at()) + " reused=yes tries=1"),
            std::string::npos)
      << log;
}

TEST_F(sidecar_thrift, tells_a_generated_client_why_nobody_answers) {
  std::optional<thrift_server> server;
  server.emplace(server_kind::plain, "one", folder_);
  start(*server);
  ASSERT_EQ(python("framed", "one", 5), "done\n");
  server->process().kill();
  EXPECT_NE(python("framed", "one", 0).find("waitstate: "), std::string::npos)
      << "a TApplicationException says why";
}

}  // namespace
}  // namespace waitstate::integration_test
