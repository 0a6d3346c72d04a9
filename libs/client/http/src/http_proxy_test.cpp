#include "http_proxy.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "http_test.h"
#include "waitstate/client/http/http_client.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::string read(std::string_view text) {
  const auto made = parse_http_proxy(text);
  if (!made) return "! " + made.error().what;
  return made->host + " " + std::to_string(made->port) +
         (made->authorization.empty() ? "" : " " + made->authorization);
}

TEST(http_proxy, is_read_with_and_without_scheme_port_and_account) {
  EXPECT_EQ(read("http://proxy:3128"), "proxy 3128");
  EXPECT_EQ(read("proxy:3128"), "proxy 3128");
  EXPECT_EQ(read("HTTP://Proxy/"), "proxy 1080");
  EXPECT_EQ(read("http://proxy:80"), "proxy 80");
  EXPECT_EQ(read("[::1]:3128"), "::1 3128");
  EXPECT_EQ(read("http://[fe80::1]"), "fe80::1 1080");
  EXPECT_EQ(read("http://me:secret@proxy:3128"), "proxy 3128 Basic bWU6c2VjcmV0");
  EXPECT_EQ(read("me:p%40ss@proxy:3128"), "proxy 3128 Basic bWU6cEBzcw==");
}

TEST(http_proxy, says_what_it_cannot_be_without_its_account) {
  EXPECT_EQ(read("socks5://proxy:1080"),
            "! http proxy: only those that are spoken to in http are supported");
  EXPECT_EQ(read("http://me:secret@pro xy:3128"),
            "! http proxy: 'pro xy:3128' is no host and port");
  EXPECT_TRUE(read("http://").starts_with("! "));
  EXPECT_TRUE(read("http://proxy:99999").starts_with("! "));
}

bool is_direct(std::string_view url, std::string_view none_for) {
  return is_asked_directly(parse_http_url(url).value(), none_for);
}

TEST(http_proxy, is_not_for_whom_no_proxy_names) {
  EXPECT_FALSE(is_direct("http://a.example/", ""));
  EXPECT_TRUE(is_direct("http://a.example/", "*"));
  for (const auto* const list : {"a.example", ".example", "example", "b.test, a.example",
                                 "b.test a.example", "A.Example", "a.example:80", "a.example."}) {
    EXPECT_TRUE(is_direct("http://a.example/", list)) << list;
  }
  for (const auto* const list : {"ba.example", "b.example", "a.example:81", "xample", ".", ","}) {
    EXPECT_FALSE(is_direct("http://a.example/", list)) << list;
  }
  EXPECT_TRUE(is_direct("http://10.1.2.3/", "10.0.0.0/8"));
  EXPECT_TRUE(is_direct("http://10.1.2.3:8080/", "10.1.2.3:8080"));
  EXPECT_FALSE(is_direct("http://11.1.2.3/", "10.0.0.0/8"));
  EXPECT_FALSE(is_direct("http://10.1.2.3/", "10.0.0.0/99, 2.3, nonsense/8"));
  EXPECT_TRUE(is_direct("http://[fd00::7]/", "fd00::/8"));
  EXPECT_TRUE(is_direct("http://[fd00::7]/", "[fd00::7]:80"));
  EXPECT_FALSE(is_direct("http://[fe00::7]/", "fd00::/8"));
}

TEST(http_proxy, is_never_for_this_machine) {
  for (const auto* const url : {"http://localhost/", "http://127.0.0.1/", "http://127.3.2.1:81/",
                                "http://[::1]/", "http://x.localhost/"}) {
    EXPECT_TRUE(is_direct(url, "")) << url;
  }
}

TEST(http_proxy, is_what_the_environment_says) {
  for (const auto* const name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                 "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
    ::unsetenv(name);
  }
  ::setenv("HTTP_PROXY", "evil:1", 1);
  EXPECT_EQ(http_proxies_of_environment().http, "") << "it may come from a request's header";
  ::setenv("ALL_PROXY", "all:1", 1);
  ::setenv("HTTPS_PROXY", "tls:1", 1);
  ::setenv("no_proxy", "a.example", 1);
  const auto all = http_proxies_of_environment();
  EXPECT_EQ(all.http, "all:1");
  EXPECT_EQ(all.https, "tls:1");
  EXPECT_EQ(all.none_for, "a.example");
  for (const auto* const name : {"HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY", "no_proxy"}) {
    ::unsetenv(name);
  }
}

class http_proxied : public http_test {
 protected:
  result<http_response> get_by(const test_server& proxy, const std::string& url) {
    http_client_settings settings;
    const auto by = "http://me:secret@" + to_string(proxy.at());
    settings.proxies = http_proxies{.http = by, .https = by};
    const http_client http(io_.executor(), settings);
    auto got = io_.await(http.request(http_get(url), 2s));
    http.stop();
    return got;
  }
};

TEST_F(http_proxied, asks_the_proxy_for_the_whole_url) {
  std::string seen;
  const test_server proxy([&](int socket) {
    seen = read_head(socket);
    send_all(socket, hi);
  });
  ASSERT_TRUE(get_by(proxy, "http://a.example/x?y"));
  EXPECT_EQ(seen,
            "GET http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\nUser-Agent: waitstate\r\n"
            "Accept-Encoding: gzip, deflate, br, zstd\r\n"
            "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n");
}

TEST_F(http_proxied, has_the_way_opened_for_tls) {
  std::string seen;
  const test_server proxy([&](int socket) {
    seen = read_head(socket);
    send_all(socket, "HTTP/1.1 407 Who are you\r\n\r\n");
  });
  const auto got = get_by(proxy, "https://a.example/x");
  ASSERT_FALSE(got);
  EXPECT_EQ(seen,
            "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
            "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n");
  EXPECT_EQ(got.error().code, errc::permission);
  EXPECT_NE(got.error().what.find("CONNECT a.example:443: 407 Who are you"), std::string::npos)
      << got.error().what;
  EXPECT_EQ(got.error().what.find("secret"), std::string::npos);
  EXPECT_FALSE(got.error().is_sent);
}

TEST_F(http_proxied, says_why_the_way_was_not_opened) {
  const auto refused_by = [this](const std::string& answer) {
    const test_server proxy([&answer](int socket) {
      read_head(socket);
      send_all(socket, answer);
    });
    const auto got = get_by(proxy, "https://a.example/x");
    return got ? error{} : got.error();
  };
  const auto bad_gateway = refused_by("HTTP/1.1 502 Bad\x1b[2J Gateway\r\n\r\n");
  EXPECT_EQ(bad_gateway.code, errc::unavailable);
  EXPECT_EQ(bad_gateway.what.find('\x1b'), std::string::npos) << "nothing that a terminal obeys";
  EXPECT_EQ(refused_by("220 mail ESMTP\r\n\r\n").code, errc::corrupt);
  EXPECT_NE(refused_by(std::string(100'000, 'x')).what, "") << "an answer without an end";
}

}  // namespace
}  // namespace waitstate::client
