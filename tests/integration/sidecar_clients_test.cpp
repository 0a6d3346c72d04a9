// Real clients of HTTP through `waitstate sidecar` to a real nginx: none of them notices, and the
// server sees a few connections.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/sidecar_process.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/netlab/tcp_table.h"

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

class sidecar_clients : public testing::Test {
 protected:
  void SetUp() override {
    const auto at = folder_.path().string();
    static_cast<void>(folder_.write("large", std::string(300'000, 'x')));
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
                    "  location /large {{ root {0}; }}\n"
                    "  location /status {{ stub_status; }}\n"
                    "  location /stored {{ proxy_pass http://127.0.0.1:{1}/length; }}\n"
                    "  location /length {{ return 200 \"$http_content_length bytes\"; }} }} }}\n",
                    at, port_));
    ::chmod(at.c_str(), 0755);
    nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    ASSERT_TRUE(wait_for_port(port_));
    sidecar_.emplace("http://127.0.0.1:" + std::to_string(port_));
  }

  [[nodiscard]] std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", sidecar_->port(), path);
  }
  [[nodiscard]] static bool has(const std::string& program) {
    return !shell_output("command -v " + program).empty();
  }
  /// Connections that the server has accepted.
  [[nodiscard]] int accepted() const {
    const auto text = shell_output(fmt::format("curl -s http://127.0.0.1:{}/status", port_));
    int count = -1;
    const auto at = text.find("requests\n");
    if (at != std::string::npos) std::sscanf(text.c_str() + at + 9, " %d", &count);
    return count;
  }

  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  std::optional<server_process> nginx_;
  std::optional<sidecar_process> sidecar_;
};

TEST_F(sidecar_clients, curl_with_every_kind_of_body) {
  if (!has("curl")) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(shell_output("curl -sS " + url("/ -H X-Mine:1")), "hello 1");
  EXPECT_EQ(shell_output("curl -sS --http1.0 " + url("/")), "hello ");
  EXPECT_EQ(shell_output("curl -sS " + url("/") + ' ' + url("/") + ' ' + url("/")),
            "hello hello hello ");
  EXPECT_EQ(shell_output("curl -sS " + url("/large") + " | wc -c"), "300000\n");
  EXPECT_EQ(shell_output("curl -sS -I " + url("/large") + " | grep -ci 'content-length: 300000'"),
            "1\n");
  const auto file = folder_.write("up", std::string(2'000'000, 'u'));
  EXPECT_EQ(shell_output("curl -sS --data-binary @" + file + ' ' + url("/stored")),
            "2000000 bytes");
  EXPECT_EQ(shell_output("curl -sS -H 'Transfer-Encoding: chunked' --data-binary @" + file + ' ' +
                         url("/stored")),
            "2000000 bytes")
      << "nginx counts the chunks and passes on a length";
  EXPECT_EQ(shell_output("curl -sS -T " + file + ' ' + url("/stored")), "2000000 bytes")
      << "with Expect: 100-continue";
}

TEST_F(sidecar_clients, thousands_of_one_request_clients_are_a_few_connections) {
  if (!has("ab")) GTEST_SKIP() << "ab is not installed";
  const auto before = accepted();
  const auto said = shell_output("ab -q -n 5000 -c 20 -l " + url("/"));
  EXPECT_NE(said.find("Complete requests:      5000"), std::string::npos) << said;
  EXPECT_NE(said.find("Failed requests:        0"), std::string::npos) << said;
  EXPECT_EQ(said.find("Non-2xx"), std::string::npos) << said;
  EXPECT_LE(accepted() - before, 30) << "two of them are ours";
  const auto kept = shell_output("ab -q -k -n 5000 -c 20 -l " + url("/"));
  EXPECT_NE(kept.find("Failed requests:        0"), std::string::npos) << kept;
  EXPECT_NE(kept.find("Keep-Alive requests:    5000"), std::string::npos) << kept;
  EXPECT_LE(accepted() - before, 60);
}

TEST_F(sidecar_clients, python_on_one_connection_and_on_many) {
  if (!has("python3")) GTEST_SKIP() << "python3 is not installed";
  const auto script =
      folder_.write("client.py",
                    "import http.client, sys\n"
                    "port = int(sys.argv[1])\n"
                    "kept = http.client.HTTPConnection('127.0.0.1', port, timeout=10)\n"
                    "for i in range(200):\n"
                    "    kept.request('GET', '/', headers={'X-Mine': str(i)})\n"
                    "    answer = kept.getresponse()\n"
                    "    assert answer.read() == b'hello %d' % i, i\n"
                    "for i in range(200):\n"
                    "    one = http.client.HTTPConnection('127.0.0.1', port, timeout=10)\n"
                    "    one.request('POST', '/stored', body=(b'x' * 100 for _ in range(i)),"
                    " headers={'Connection': 'close'}, encode_chunked=True)\n"
                    "    answer = one.getresponse()\n"
                    "    assert answer.read() == b'%d bytes' % (100 * i) or i == 0, i\n"
                    "    one.close()\n"
                    "print('done')\n");
  EXPECT_EQ(shell_output(fmt::format("python3 {} {}", script, sidecar_->port())), "done\n");
}

TEST_F(sidecar_clients, pipelined_requests_are_answered_in_their_order) {
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += fmt::format("GET / HTTP/1.1\r\nHost: h\r\nX-Mine: {}.\r\n\r\n", i);
  }
  raw_client from(sidecar_->port());
  ASSERT_TRUE(from.send(requests));
  const auto got = from.read_responses(50, 10s) + from.read_responses(1, 200ms);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = got.find(fmt::format("hello {}.", i), at);
    ASSERT_NE(at, std::string::npos) << i << ": " << got;
  }
}

TEST_F(sidecar_clients, a_client_that_vanishes_harms_nobody) {
  for (int i = 0; i < 50; ++i) {
    raw_client from(sidecar_->port());
    from.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  raw_client after(sidecar_->port());
  EXPECT_EQ(body_of(after.exchange("GET / HTTP/1.1\r\nHost: h\r\nX-Mine: 1\r\n\r\n")), "hello 1");
}

}  // namespace
}  // namespace waitstate::integration_test
