// Programs in PHP, JavaScript and Go, and the load generators, through `waitstate sidecar` to a
// real nginx and a real Redis: none of them notices, and the servers see a few connections.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/redis_server.h"
#include "tests/integration/sidecar_process.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

class sidecar_languages : public testing::Test {
 protected:
  void SetUp() override {
    const auto at = folder_.path().string();
    ::chmod(at.c_str(), 0755);
    start_nginx(at);
    const auto file = folder_.write(
        "sidecar.toml",
        fmt::format("[[route]]\nname = \"service\"\nlisten = \"127.0.0.1:{}\"\n"
                    "to = \"http://127.0.0.1:{}\"\n"
                    "[[route]]\nname = \"cache\"\nlisten = [\"127.0.0.1:{}\", \"unix:{}\"]\n"
                    "to = \"redis://127.0.0.1:{}\"\n",
                    http_front_, port_, redis_front_, socket(), redis_.port()));
    sidecar_.emplace(std::vector<std::string>{WAITSTATE_BINARY, "sidecar", "--config", file},
                     folder_.path());
    ASSERT_TRUE(wait_for_port(http_front_) && wait_for_port(redis_front_));
  }

  void start_nginx(const std::string& at) {
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format("daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
                    "events {{ worker_connections 512; }}\n"
                    "http {{ access_log off; client_body_temp_path {0}/body;\n"
                    "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
                    "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n"
                    "client_max_body_size 100m; keepalive_requests 1000000;\n"
                    "server {{ listen 127.0.0.1:{1};\n"
                    "  location / {{ return 200 \"hello $http_x_mine\"; }}\n"
                    "  location /status {{ stub_status; }}\n"
                    "  location /stored {{ proxy_pass http://127.0.0.1:{1}/length; }}\n"
                    "  location /length {{ return 200 \"$http_content_length bytes\"; }} }}\n"
                    "server {{ listen 127.0.0.1:{2};\n"
                    "  location / {{ fastcgi_pass unix:{0}/fpm.sock;\n"
                    "    fastcgi_param SCRIPT_FILENAME {3}/site.php;\n"
                    "    fastcgi_param REQUEST_METHOD $request_method;\n"
                    "    fastcgi_param REDIS_SOCKET {4};\n"
                    "    fastcgi_param SERVICE_URL http://127.0.0.1:{5}/; }} }} }}\n",
                    at, port_, site_, WAITSTATE_LANGUAGES, socket(), http_front_));
    nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    ASSERT_TRUE(wait_for_port(port_));
  }

  [[nodiscard]] std::string socket() const { return folder_.path() / "cache.sock"; }
  [[nodiscard]] static bool has(const std::string& program) {
    return !shell_output("command -v " + program).empty();
  }
  /// Connections that nginx has accepted on the service's port and the site's.
  [[nodiscard]] int accepted_by_nginx() const {
    const auto text = shell_output(fmt::format("curl -s http://127.0.0.1:{}/status", port_));
    int count = -1;
    const auto at = text.find("requests\n");
    if (at != std::string::npos) std::sscanf(text.c_str() + at + 9, " %d", &count);
    return count;
  }
  [[nodiscard]] int accepted_by_redis() const {
    const auto text = shell_output("redis-cli -p " + redis_.port() + " info stats");
    const auto at = text.find("total_connections_received:");
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + 27));
  }

  temporary_folder folder_;
  const redis_server redis_;
  const std::uint16_t port_ = free_port();
  const std::uint16_t site_ = free_port();
  const std::uint16_t http_front_ = free_port();
  const std::uint16_t redis_front_ = free_port();
  std::optional<server_process> nginx_;
  std::optional<server_process> sidecar_;
};

TEST_F(sidecar_languages, a_site_of_php_fpm_opens_a_connection_for_each_call_and_servers_see_few) {
  if (!std::filesystem::exists("/usr/sbin/php-fpm8.2") || !has("ab") ||
      shell_output("php -m").find("redis") == std::string::npos) {
    GTEST_SKIP() << "php-fpm, php-redis or ab is not installed";
  }
  const auto at = folder_.path().string();
  const auto config = folder_.write(
      "fpm.conf", fmt::format("[global]\nerror_log = {0}/fpm.log\ndaemonize = no\n[www]\n"
                              "listen = {0}/fpm.sock\nlisten.mode = 0666\npm = static\n"
                              "pm.max_children = 4\nuser = root\ngroup = root\n",
                              at));
  const server_process fpm({"/usr/sbin/php-fpm8.2", "-R", "-y", config}, at);
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!std::filesystem::exists(folder_.path() / "fpm.sock") &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(20ms);
  }
  const int to_redis = accepted_by_redis();
  const int to_nginx = accepted_by_nginx();
  constexpr int pages = 400;
  const auto said =
      shell_output(fmt::format("ab -q -k -n {} -c 4 http://127.0.0.1:{}/", pages, site_));
  EXPECT_NE(said.find("Complete requests:      400"), std::string::npos) << said;
  EXPECT_NE(said.find("Failed requests:        0"), std::string::npos) << said;
  EXPECT_EQ(said.find("Non-2xx"), std::string::npos) << said;
  EXPECT_EQ(shell_output("redis-cli -p " + redis_.port() + " get visits"), "400\n");
  EXPECT_LE(accepted_by_redis() - to_redis, 10) << "for 400 clients; some are redis-cli";
  EXPECT_LE(accepted_by_nginx() - to_nginx, pages + 20) << "one a page from ab, and few for calls";
}

TEST_F(sidecar_languages, predis) {
  if (!std::filesystem::exists("/usr/share/php/Predis/Autoloader.php")) {
    GTEST_SKIP() << "php-predis is not installed";
  }
  EXPECT_EQ(
      shell_output(fmt::format("php {}/predis.php {} 100", WAITSTATE_LANGUAGES, redis_front_)),
      "done\n");
}

TEST_F(sidecar_languages, node) {
  if (!has("node")) GTEST_SKIP() << "node is not installed";
  const auto said = shell_output(fmt::format("NODE_PATH=/usr/share/nodejs node {}/client.js {} {}",
                                             WAITSTATE_LANGUAGES, http_front_, redis_front_));
  EXPECT_TRUE(said.starts_with("done")) << said;
}

TEST_F(sidecar_languages, go) {
  if (!has("go")) GTEST_SKIP() << "golang-go is not installed";
  const auto at = folder_.path().string();
  const auto said = shell_output(
      fmt::format("cd {0} && export HOME={0} GOFLAGS=-mod=mod GOPROXY=off CGO_ENABLED=0 && "
                  "cp {1}/client.go . && go build -o client client.go && ./client {2}",
                  at, WAITSTATE_LANGUAGES, http_front_));
  EXPECT_EQ(said, "done\n");
}

TEST_F(sidecar_languages, wrk) {
  if (!has("wrk")) GTEST_SKIP() << "wrk is not installed";
  const auto before = accepted_by_nginx();
  const auto said = shell_output(
      fmt::format("wrk -t1 -c16 -d1s -H 'X-Mine: 1' http://127.0.0.1:{}/", http_front_));
  EXPECT_NE(said.find("requests in"), std::string::npos) << said;
  EXPECT_EQ(said.find("Socket errors"), std::string::npos) << said;
  EXPECT_EQ(said.find("Non-2xx"), std::string::npos) << said;
  EXPECT_LE(accepted_by_nginx() - before, 40);
}

TEST_F(sidecar_languages, a_client_of_a_socket_that_systemd_has_opened) {
  if (!has("systemd-socket-activate")) GTEST_SKIP() << "systemd is not installed";
  const auto front = free_port();
  const auto file = folder_.write(
      "activated.toml", fmt::format("[[route]]\nname = \"api\"\nlisten = \"systemd:api\"\n"
                                    "to = \"http://127.0.0.1:{}\"\nhost = \"api\"\n",
                                    port_));
  const server_process activated(
      {"systemd-socket-activate", "-l", fmt::format("127.0.0.1:{}", front), "--fdname=api",
       WAITSTATE_BINARY, "sidecar", "--config", file},
      folder_.path());
  ASSERT_TRUE(wait_for_port(front));
  // The first one begins it, and is served although nobody had accepted it.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(shell_output(fmt::format("curl -sS -H X-Mine:{} http://127.0.0.1:{}/", i, front)),
              fmt::format("hello {}", i));
  }
}

TEST_F(sidecar_languages, redis_cli_in_both_protocols) {
  for (const auto* protocol : {"-2", "-3"}) {
    const auto cli = fmt::format("redis-cli {} -p {}", protocol, redis_front_);
    EXPECT_EQ(shell_output(cli + " hset h a 1 b 2"), "2\n");
    const bool has_maps = protocol[1] == '3';
    EXPECT_EQ(shell_output(cli + " hgetall h"), has_maps ? "a 1\nb 2\n" : "a\n1\nb\n2\n");
    EXPECT_EQ(shell_output("printf 'MULTI\\nINCR n\\nGET n\\nEXEC\\n' | " + cli),
              fmt::format("OK\nQUEUED\nQUEUED\n{0}\n{0}\n", protocol[1] - '1'));
    EXPECT_EQ(shell_output(cli + " del h"), "1\n");
  }
}

}  // namespace
}  // namespace waitstate::integration_test
