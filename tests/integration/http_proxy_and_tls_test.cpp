// HTTP through tinyproxy, and TLS with nginx: sessions that are taken up again, certificates of
// ours, files that change.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "test_io.h"
#include "waitstate/client/http.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using namespace netlab;

class http_tls : public testing::Test {
 protected:
  void SetUp() override { make_certificate("server"); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }

  /// NAME.crt and NAME.key, its own authority. 0.0.0.0 leads to this machine and is no loopback
  /// address, which would not go through a proxy.
  void make_certificate(const std::string& name) const {
    const auto command = fmt::format(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={0} -addext "
        "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:0.0.0.0 -keyout {1}.key -out {1}.crt "
        ">/dev/null 2>&1",
        name, path(name));
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  void start_nginx(const std::string& more) {
    const auto at = folder_.path().string();
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format(
            "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
            "events {{ worker_connections 512; }}\n"
            "http {{ access_log off; client_body_temp_path {0}/body;\n"
            "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
            "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi; default_type text/plain;\n"
            "server {{ listen 127.0.0.1:{1} ssl; listen 127.0.0.1:{2};\n"
            "ssl_certificate {0}/server.crt; ssl_certificate_key {0}/server.key;\n{3}\n"
            "location / {{ return 200 "
            "'$ssl_session_reused $ssl_protocol via=$http_via dn=$ssl_client_s_dn'; }} }} }}\n",
            at, tls_port_, port_, more));
    ::chmod(at.c_str(), 0755);
    nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    ASSERT_TRUE(wait_for_port(tls_port_));
  }

  std::shared_ptr<tls_from_files> files(tls_file_settings with) {
    if (with.authorities.empty()) with.authorities = path("server.crt");
    with.look_every = 10ms;
    return tls_from_files::make(with).value();
  }

  /// How many of so many calls, each over a connection of its own, took up a session again.
  std::map<std::string, int> sessions_of(int calls, bool resume) {
    http_client_settings settings{.tls_files = files({})};
    settings.cluster.pool.limits.idle_max = 0;
    settings.cluster.pool.dial.tls_resume = resume;
    blocking_http http(background_, settings);
    std::map<std::string, int> counts;
    for (int i = 0; i < calls; ++i) {
      const auto got = http.request(http_get(fmt::format("https://127.0.0.1:{}/", tls_port_)), 5s);
      ++counts[got ? got->body.substr(0, got->body.find(" via")) : got.error().what];
    }
    return counts;
  }

  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  const std::uint16_t tls_port_ = free_port();
  std::optional<server_process> nginx_;
  io_threads background_;
};

using counts = std::map<std::string, int>;

TEST_F(http_tls, takes_up_the_sessions_of_earlier_connections) {
  start_nginx("ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:a:1m;");
  EXPECT_EQ(sessions_of(30, true), (counts{{". TLSv1.3", 1}, {"r TLSv1.3", 29}}));
  EXPECT_EQ(sessions_of(10, false), (counts{{". TLSv1.3", 10}}));
}

TEST_F(http_tls, takes_up_sessions_of_tls_1_2_as_well) {
  start_nginx("ssl_protocols TLSv1.2; ssl_session_cache shared:a:1m;");
  EXPECT_EQ(sessions_of(30, true), (counts{{". TLSv1.2", 1}, {"r TLSv1.2", 29}}));
}

TEST_F(http_tls, shows_our_certificate_to_a_server_that_asks) {
  make_certificate("client");
  start_nginx(fmt::format("ssl_verify_client on; ssl_client_certificate {};", path("client.crt")));
  const auto url = fmt::format("https://127.0.0.1:{}/", tls_port_);
  blocking_http without(background_, {.tls_files = files({})});
  EXPECT_EQ(without.request(http_get(url), 5s)->status, 400);
  blocking_http with(
      background_,
      {.tls_files = files({.certificate = path("client.crt"), .key = path("client.key")})});
  const auto got = with.request(http_get(url), 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(got->body.ends_with("dn=CN=client")) << got->body;
}

TEST_F(http_tls, follows_its_files_and_keeps_to_what_worked) {
  make_certificate("client");
  make_certificate("other");
  start_nginx("ssl_verify_client optional_no_ca;");
  const auto url = fmt::format("https://127.0.0.1:{}/", tls_port_);
  const auto ours = files({.certificate = path("client.crt"), .key = path("client.key")});
  http_client_settings settings{.tls_files = ours};
  settings.cluster.pool.limits.idle_max = 0;
  blocking_http http(background_, settings);
  const auto name = [&] {
    const auto got = http.request(http_get(url), 5s);
    return got ? got->body.substr(got->body.find("dn=") + 3) : got.error().what;
  };
  EXPECT_EQ(name(), "CN=client");
  // The certificate is there and its key is not yet.
  std::filesystem::rename(path("other.crt"), path("client.crt"));
  EXPECT_TRUE(soon([&] {
    EXPECT_EQ(name(), "CN=client");
    return ours->trouble().has_value();
  }));
  std::filesystem::rename(path("other.key"), path("client.key"));
  EXPECT_TRUE(soon([&] { return name() == "CN=other"; }));
  EXPECT_FALSE(ours->trouble());
}

TEST_F(http_tls, says_which_file_cannot_be_used) {
  const auto gone = tls_from_files::make({.authorities = path("gone.crt")});
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().what.find("gone.crt"), std::string::npos) << gone.error().what;
  make_certificate("other");
  EXPECT_FALSE(tls_from_files::make({.certificate = path("server.crt"), .key = path("other.key")}));
}

class http_by_proxy : public http_tls {
 protected:
  void SetUp() override {
    http_tls::SetUp();
    start_nginx("");
    const auto config = folder_.write(
        "tinyproxy.conf", fmt::format("Port {}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\n"
                                      "BasicAuth me secret\nLogFile \"{}/tinyproxy.log\"\n",
                                      proxy_port_, folder_.path().string()));
    proxy_.emplace(std::vector<std::string>{"tinyproxy", "-d", "-c", config}, folder_.path());
    ASSERT_TRUE(wait_for_port(proxy_port_));
  }
  result<http_response> get(const std::string& account, const std::string& url) {
    http_client_settings settings{.tls_files = files({})};
    const auto by = fmt::format("http://{}127.0.0.1:{}", account, proxy_port_);
    settings.proxies = http_proxies{.http = by, .https = by};
    http_.emplace(background_, settings);
    return http_->request(http_get(url), 5s);
  }

  const std::uint16_t proxy_port_ = free_port();
  std::optional<server_process> proxy_;
  std::optional<blocking_http> http_;
};

TEST_F(http_by_proxy, a_request_goes_through_it_in_the_clear) {
  const auto url = fmt::format("http://0.0.0.0:{}/", port_);
  const auto got = get("me:secret@", url);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 200);
  EXPECT_NE(got->body.find("tinyproxy"), std::string::npos) << got->body;
  const auto refused = get("", url);
  ASSERT_TRUE(refused) << refused.error().what;
  EXPECT_EQ(refused->status, 407) << "an answer as any other";
}

TEST_F(http_by_proxy, tls_goes_through_it_untouched) {
  const auto url = fmt::format("https://0.0.0.0:{}/", tls_port_);
  for (int i = 0; i < 20; ++i) {
    const auto got = i == 0 ? get("me:secret@", url) : http_->request(http_get(url), 5s);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_NE(got->body.find("via= "), std::string::npos) << got->body;
  }
  const auto seen = http_->coroutines().clusters().at(0)->metrics().endpoints.at(0);
  EXPECT_EQ(seen.to.port, proxy_port_);
  EXPECT_EQ(seen.counts.dials, 1U) << "one tunnel for all";
  const auto refused = get("me:wrong@", url);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::permission) << refused.error().what;
}

TEST_F(http_by_proxy, whoever_no_proxy_names_is_asked_directly) {
  http_client_settings settings;
  settings.proxies = http_proxies{
      .http = fmt::format("127.0.0.1:{}", proxy_port_), .https = {}, .none_for = "0.0.0.0/8"};
  blocking_http http(background_, settings);
  const auto got = http.request(http_get(fmt::format("http://0.0.0.0:{}/", port_)), 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_NE(got->body.find("via= "), std::string::npos) << got->body;
}

}  // namespace
}  // namespace waitstate::client
