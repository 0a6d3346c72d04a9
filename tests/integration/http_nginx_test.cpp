// HTTP against nginx: its keep-alive limits, its TLS, a unix socket.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "test_io.h"
#include "waitstate/client/http.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

class http_nginx_test : public testing::Test {
 protected:
  /// Starts nginx with these server blocks.
  void start(const std::string& servers) {
    const auto at = folder_.path().string();
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format("daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
                    "events {{ worker_connections 512; }}\n"
                    "http {{ access_log off; client_body_temp_path {0}/body;\n"
                    "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
                    "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n{1}}}\n",
                    at, servers));
    ::chmod(at.c_str(), 0755);
    nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }

  /// A certificate for localhost that is its own authority.
  void make_certificate() const {
    const auto command = fmt::format(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {} -out {} >/dev/null 2>&1",
        path("key.pem"), path("cert.pem"));
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  static endpoint_metrics host_metrics(const blocking_http& http) {
    return http.coroutines().clusters().at(0)->metrics().endpoints.at(0);
  }

  temporary_folder folder_;
  std::optional<server_process> nginx_;
  io_threads background_;
};

TEST_F(http_nginx_test, meets_its_keep_alive_limits_without_a_failed_call) {
  const auto port = free_port();
  start(
      fmt::format("server {{ listen 127.0.0.1:{}; keepalive_timeout 1s 1s;\n"
                  "keepalive_requests 10; location / {{ return 200 hello; }} }}\n",
                  port));
  ASSERT_TRUE(wait_for_port(port));
  blocking_http http(background_);
  const auto url = fmt::format("http://127.0.0.1:{}/x", port);
  for (int i = 0; i < 500; ++i) {
    const auto got = http.request(http_get(url), 5s);
    ASSERT_TRUE(got) << i << ": " << got.error().what;
    ASSERT_EQ(got->status, 200);
    ASSERT_EQ(got->body, "hello");
    // Around the server's limit, where a connection may close under a request.
    if (i % 100 == 99) std::this_thread::sleep_for(900ms + i * 200us);
  }
  const auto m = host_metrics(http);
  EXPECT_EQ(m.idle_limit_learned, 800ms);
  EXPECT_EQ(m.failed, 0U);
  EXPECT_GE(m.counts.dials, 50U) << "ten requests a connection";
  EXPECT_LE(m.counts.dials, 60U);
  EXPECT_EQ(m.leased, 0U);
}

TEST_F(http_nginx_test, learns_an_idle_limit_that_is_not_stated) {
  const auto port = free_port();
  start(
      fmt::format("server {{ listen 127.0.0.1:{}; keepalive_timeout 1s;\n"
                  "location / {{ return 200 hello; }} }}\n",
                  port));
  ASSERT_TRUE(wait_for_port(port));
  blocking_http http(background_);
  const auto url = fmt::format("http://127.0.0.1:{}/", port);
  const auto learned = [&] {
    EXPECT_TRUE(http.request(http_get(url), 5s));
    for (int i = 0; i < 150 && host_metrics(http).idle > 0; ++i) std::this_thread::sleep_for(20ms);
    return host_metrics(http).idle_limit_learned.has_value();
  };
  bool is_known = false;
  for (int i = 0; i < 6 && !is_known; ++i) is_known = learned();
  ASSERT_TRUE(is_known);
  EXPECT_NEAR(std::chrono::duration<double>(*host_metrics(http).idle_limit_learned).count(), 0.8,
              0.2);
}

TEST_F(http_nginx_test, trusts_only_the_certificate_it_was_told_to) {
  make_certificate();
  const auto port = free_port();
  start(
      fmt::format("server {{ listen 127.0.0.1:{} ssl; ssl_certificate {}; ssl_certificate_key "
                  "{};\nlocation / {{ return 200 hello; }} }}\n",
                  port, path("cert.pem"), path("key.pem")));
  ASSERT_TRUE(wait_for_port(port));
  const auto url = fmt::format("https://localhost:{}/", port);

  blocking_http unknowing(background_);
  const auto refused = unknowing.request(http_get(url), 5s);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("certificate"), std::string::npos) << refused.error().what;

  auto trusting = verifying_tls().value();
  trusting->load_verify_file(path("cert.pem"));
  blocking_http http(background_, {.tls = trusting});
  for (int i = 0; i < 20; ++i) {
    const auto got = http.request(http_get(url), 5s);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, "hello");
  }
  EXPECT_EQ(host_metrics(http).counts.dials, 1U);
}

TEST_F(http_nginx_test, sends_and_receives_long_bodies_over_tls) {
  make_certificate();
  ::chmod(folder_.write("big", std::string(3'000'000, 'x')).c_str(), 0644);
  const auto port = free_port();
  start(
      fmt::format("server {{ listen 127.0.0.1:{} ssl; ssl_certificate {}; ssl_certificate_key "
                  "{};\nclient_max_body_size 1m; root {}; }}\n",
                  port, path("cert.pem"), path("key.pem"), folder_.path().string()));
  ASSERT_TRUE(wait_for_port(port));
  auto trusting = verifying_tls().value();
  trusting->load_verify_file(path("cert.pem"));
  http_client_settings settings{.tls = trusting};
  settings.http.expect_continue_from = 1'000'000;
  blocking_http http(background_, settings);
  const auto url = fmt::format("https://localhost:{}/big", port);
  const auto got = http.request(http_get(url), 10s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body.size(), 3'000'000U);
  const auto refused = http.request(http_post(url, std::string(2'000'000, 'y'), "text/plain"), 10s);
  ASSERT_TRUE(refused) << refused.error().what;
  EXPECT_EQ(refused->status, 413);
  EXPECT_EQ(host_metrics(http).leased, 0U);
  EXPECT_EQ(http.request(http_get(url), 10s)->status, 200);
}

TEST_F(http_nginx_test, sends_text_compressed_and_the_caller_sees_none_of_it) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += fmt::format("line {}\n", i);
  ::chmod(folder_.write("text.txt", text).c_str(), 0644);
  const auto port = free_port();
  start(
      fmt::format("gzip on; gzip_types text/plain; default_type text/plain;\n"
                  "server {{ listen 127.0.0.1:{}; root {}; }}\n",
                  port, folder_.path().string()));
  ASSERT_TRUE(wait_for_port(port));
  std::uint64_t came = 0;
  http_client_settings settings;
  settings.cluster.calls.ended = [&](const call_record& r) { came = r.bytes_received; };
  blocking_http http(background_, settings);
  for (int i = 0; i < 5; ++i) {
    const auto got = http.request(http_get(fmt::format("http://127.0.0.1:{}/text.txt", port)), 5s);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_TRUE(got->was_encoded);
    EXPECT_EQ(got->body, text);
    EXPECT_LT(came * 3, text.size());
  }
  EXPECT_EQ(host_metrics(http).counts.dials, 1U) << "the connection was kept";
}

TEST_F(http_nginx_test, is_reached_through_a_unix_socket) {
  const auto socket = path("http.sock");
  start(fmt::format("server {{ listen unix:{}; location / {{ return 200 hello; }} }}\n", socket));
  // The socket's file is there from bind() on; nginx writes its pid when it listens.
  ASSERT_TRUE(soon([&] { return ::access(path("pid").c_str(), F_OK) == 0; }));
  const auto made = background_.make_cluster(
      static_source({{.at = parse_endpoint("unix:" + socket).value()}}), {.name = "local"});
  ASSERT_TRUE(made) << made.error().what;
  const http_service service(*made);
  for (int i = 0; i < 20; ++i) {
    const auto got = background_.wait(service.request(http_get("/"), clock::now() + 5s));
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, "hello");
  }
  EXPECT_EQ((*made)->metrics().endpoints.at(0).counts.dials, 1U);
}

}  // namespace
}  // namespace waitstate::client
