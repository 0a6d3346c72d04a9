// A web tier in another language calls a cluster that is found through ZooKeeper with a connection
// for each call, and has 200 ports: without the sidecar, and with it, while servers die and come.
#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/sidecar_process.h"
#include "tests/integration/thrift/thrift_servers.h"
#include "tests/integration/zookeeper_hand.h"
#include "tests/integration/zookeeper_server.h"
#include "waitstate/netlab/private_network.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

constexpr int calls = 1'500;
constexpr std::uint16_t thrift_front = 8090;
constexpr std::uint16_t http_front = 8080;
const std::string group = "/services/search";
const std::string web_group = "/services/web";

/// A generated client that opens a connection for each of its calls, and closes it first.
std::string python(std::uint16_t port, std::string_view name, int count) {
  return shell_output(fmt::format("/usr/bin/python3 {}/echo_client.py {} {} framed {} {} several",
                                  WAITSTATE_THRIFT_FOLDER, WAITSTATE_THRIFT_GEN_PY, port, name,
                                  count));
}

class sidecar_serverset : public testing::Test {
 protected:
  void SetUp() override {
    enter_private_network();
    zookeeper_.emplace();
    hand_.emplace(zookeeper_->hosts());
    hand_->create_all(group);
    hand_->create_all(web_group);
    for (const auto kind : {server_kind::upgraded, server_kind::mux, server_kind::plain}) {
      servers_.push_back(std::make_unique<thrift_server>(kind, "one", folder_));
    }
    for (int i = 0; i < 2; ++i) start_nginx(i);
  }

  void start_nginx(int number) {
    const auto at = folder_.path() / fmt::format("nginx{}", number);
    std::filesystem::create_directory(at);
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    std::ofstream(at / "nginx.conf") << fmt::format(
        "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
        "events {{ worker_connections 512; }}\nhttp {{ access_log off;\n"
        "client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n"
        "fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi;\n"
        "scgi_temp_path {0}/scgi; keepalive_requests 1000000;\n"
        "server {{ listen 127.0.0.1:{1}; location / {{ return 200 hello; }} }} }}\n",
        at.string(), web_port(number));
    nginx_.push_back(std::make_unique<server_process>(
        std::vector<std::string>{"/usr/sbin/nginx", "-c", (at / "nginx.conf").string(), "-p",
                                 at.string()},
        at));
    ASSERT_TRUE(wait_for_port(web_port(number)));
  }

  static std::uint16_t web_port(int number) { return static_cast<std::uint16_t>(9'180 + number); }

  std::string join(const std::string& whom, std::uint16_t port) {
    return hand_->create(whom + "/member_",
                         fmt::format(R"({{"serviceEndpoint":{{"host":"127.0.0.1","port":{}}},)"
                                     R"("additionalEndpoints":{{}},"status":"ALIVE"}})",
                                     port),
                         zookeeper_hand::kind::ephemeral);
  }

  void start_sidecar() {
    const auto file = folder_.write(
        "sidecar.toml",
        fmt::format("[[route]]\nname = \"search\"\nlisten = \"127.0.0.1:{0}\"\n"
                    "to = \"thrift+zk://{2}{3}\"\nthrift = {{ idempotent = [\"add\", \"name\"] }}\n"
                    "[[route]]\nname = \"web\"\nlisten = \"127.0.0.1:{1}\"\n"
                    "to = \"http+zk://{2}{4}\"\n",
                    thrift_front, http_front, zookeeper_->hosts(), group, web_group));
    sidecar_.emplace(std::vector<std::string>{WAITSTATE_BINARY, "sidecar", "--config", file},
                     folder_.path());
    ASSERT_TRUE(wait_for_port(http_front));
  }

  /// What is held here towards servers, in TIME-WAIT.
  [[nodiscard]] int time_wait_to_servers() const {
    int all = 0;
    for (const auto& s : servers_) all += count_sockets_to(s->at().port, time_wait);
    for (int i = 0; i < 2; ++i) all += count_sockets_to(web_port(i), time_wait);
    return all;
  }

  temporary_folder folder_;
  std::optional<zookeeper_server> zookeeper_;
  std::optional<zookeeper_hand> hand_;
  std::vector<std::unique_ptr<thrift_server>> servers_;
  std::vector<std::unique_ptr<server_process>> nginx_;
  std::optional<server_process> sidecar_;
};

/// A connection for each; how many were answered with "hello".
int ask_the_web(int count) {
  int answered = 0;
  for (int i = 0; i < count; ++i) {
    raw_client one(http_front);
    if (body_of(one.exchange("GET / HTTP/1.1\r\nHost: web\r\n\r\n")) == "hello") ++answered;
  }
  return answered;
}

TEST_F(sidecar_serverset, two_hundred_ports_are_enough_for_any_number_of_calls) {
  const thrift_server alone(server_kind::plain, "alone", folder_);
  const auto first = join(group, servers_[0]->at().port);
  join(group, servers_[1]->at().port);
  join(web_group, web_port(0));
  join(web_group, web_port(1));
  start_sidecar();
  // What listens has its port: from here on there are 200 for those who connect.
  set_sysctl("net.ipv4.ip_local_port_range", "20000 20199");
  set_sysctl("net.ipv4.tcp_tw_reuse", "0");

  const auto without = python(alone.at().port, "alone", calls);
  EXPECT_NE(without.find("Could not connect"), std::string::npos) << without;
  EXPECT_GE(count_sockets_to(alone.at().port, time_wait), 190) << "of 200 ports";

  EXPECT_EQ(python(thrift_front, "one", calls), "done\n");
  EXPECT_EQ(ask_the_web(calls), calls);
  EXPECT_EQ(time_wait_to_servers(), 0);
  EXPECT_EQ(count_sockets_to(thrift_front, time_wait), 0);
  EXPECT_EQ(count_sockets_to(http_front, time_wait), 0);

  servers_[0]->process().kill();
  nginx_[0]->kill();
  EXPECT_EQ(ask_the_web(calls), calls) << "a server that is killed costs no call";
  hand_->remove(first);
  join(group, servers_[2]->at().port);
  EXPECT_EQ(python(thrift_front, "one", calls), "done\n");

  zookeeper_->kill();
  EXPECT_EQ(python(thrift_front, "one", calls), "done\n") << "whom it has found it keeps";
  EXPECT_EQ(ask_the_web(calls), calls);
  EXPECT_EQ(time_wait_to_servers(), 0);
}

}  // namespace
}  // namespace waitstate::integration_test
