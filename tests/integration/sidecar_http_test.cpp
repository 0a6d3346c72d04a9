// `waitstate sidecar` between hostile clients and a real nginx, and between clients and hostile
// servers: nothing that one of them sends is taken for a message of somebody else.
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http_corpus.h"
#include "test_server.h"
#include "tests/integration/sidecar_process.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {
namespace {

using namespace std::chrono_literals;
using namespace netlab;
using client::send_all;
using client::test_server;

constexpr std::string_view plain_get = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

std::string url_of(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

/// nginx that writes down each request that it sees.
class logging_nginx {
 public:
  explicit logging_nginx(const std::string& settings = "") {
    const auto at = folder_.path().string();
    const auto config = folder_.write(
        "nginx.conf",
        fmt::format("daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
                    "events {{ worker_connections 512; }}\n"
                    "http {{ log_format seen '$request_method $request_uri';\n"
                    "access_log {0}/seen.log seen; client_body_temp_path {0}/body;\n"
                    "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
                    "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi; {1}\n"
                    "server {{ listen 127.0.0.1:{2}; location / {{ return 200 hello; }} }} }}\n",
                    at, settings, port_));
    ::chmod(at.c_str(), 0755);
    process_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-p", at}, at);
    EXPECT_TRUE(wait_for_port(port_));
  }
  [[nodiscard]] std::string url() const { return url_of(port_); }
  /// The requests that it has answered.
  [[nodiscard]] std::string seen() const {
    std::ifstream log(folder_.path() / "seen.log");
    return {std::istreambuf_iterator<char>(log), {}};
  }

 private:
  temporary_folder folder_;
  const std::uint16_t port_ = free_port();
  std::optional<server_process> process_;
};

std::ptrdiff_t count_of(std::string_view part, std::string_view text) {
  std::ptrdiff_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// The status of a refusal, when that is how it ends.
std::string_view refusal_in(std::string_view wanted) {
  for (const std::string_view status : {"400", "417", "431", "505"}) {
    if (wanted.ends_with(status)) return status;
  }
  return {};
}

TEST(sidecar_http, no_hidden_request_of_the_corpus_reaches_a_server) {
  const logging_nginx nginx;
  sidecar_process sidecar(nginx.url());
  std::ptrdiff_t hidden = 0;
  for (const auto& c : sidecar::request_corpus()) {
    // What a tunnel does with its bytes is nobody's request.
    if (c.wanted.ends_with("tunnel") || c.wanted.ends_with("upgrade")) continue;
    hidden += count_of("GET /hidden", c.wanted);
    raw_client from(sidecar.port());
    from.send(c.bytes);
    if (c.wanted.ends_with("more")) continue;
    const auto messages = count_of(" | ", c.wanted) + 1;
    const auto got = from.read_responses(static_cast<int>(messages), 5s);
    const auto statuses = statuses_of(got);
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), ' ') + 1, messages)
        << c.name << ": " << got << sidecar.output();
    const auto refusal = refusal_in(c.wanted);
    if (refusal.empty()) continue;
    // A body that is passed on while it comes may be refused when the server has answered.
    const bool is_answered = c.bytes.size() > 4096 && statuses.ends_with("200");
    EXPECT_TRUE(is_answered || statuses.ends_with(refusal)) << c.name << ": " << got;
    EXPECT_TRUE(from.is_closed_within(5s)) << c.name;
  }
  // What came behind the corpus is answered as ever.
  raw_client after(sidecar.port());
  EXPECT_EQ(body_of(after.exchange(plain_get)), "hello");
  EXPECT_EQ(count_of("GET /hidden\n", nginx.seen()), hidden);
}

/// A server that answers each request with what `answer` says of it; false: it closes.
class scripted_server {
 public:
  using answer = std::function<bool(int socket, const std::string& head)>;
  explicit scripted_server(answer with)
      : server_([with = std::move(with)](int socket) {
          for (;;) {
            const auto head = read_head(socket);
            if (head.empty() || !with(socket, head)) return;
          }
        }) {}
  [[nodiscard]] std::string url() const { return url_of(server_.at().port); }
  [[nodiscard]] int accepted() const { return server_.accepted(); }

 private:
  test_server server_;
};

TEST(sidecar_http, what_a_server_sends_while_idle_never_reaches_the_next_client) {
  std::atomic<int> number = 0;
  std::atomic<int> injected = 0;
  scripted_server server([&](int socket, const std::string&) {
    const auto body = std::to_string(1000 + ++number);
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body);
    std::this_thread::sleep_for(std::chrono::milliseconds(number % 3));
    const bool is_sent = send_all(socket, number % 2 == 0 ? "twelve bytes" : good);
    ++injected;
    return is_sent;
  });
  sidecar_process sidecar(server.url());
  for (int i = 1; i <= 100; ++i) {
    raw_client from(sidecar.port());
    EXPECT_EQ(body_of(from.exchange(plain_get)), std::to_string(1000 + i));
    // On loopback what was sent is there.
    while (injected < i) std::this_thread::sleep_for(100us);
  }
  EXPECT_EQ(number, 100) << "each is answered by an exchange of its own";
}

TEST(sidecar_http, a_response_of_the_corpus_is_refused_or_ends_where_it_has_to) {
  std::mutex lock;
  std::string bytes;
  std::atomic<bool> is_bad = false;
  scripted_server server([&](int socket, const std::string& head) {
    if (head.find(" /good ") != std::string::npos || !is_bad) return send_all(socket, good);
    std::string now;
    {
      const std::lock_guard hold(lock);
      now = bytes;
    }
    send_all(socket, now);
    // What needs the end of the stream to be whole gets it.
    return now.find("Content-Length") != std::string::npos ||
           now.find("chunked") != std::string::npos;
  });
  sidecar_process sidecar(server.url());
  for (const auto& c : sidecar::response_corpus()) {
    const bool is_interim = c.wanted.starts_with("1");
    if (is_interim || c.method == "CONNECT" || c.wanted.ends_with("more")) continue;
    {
      const std::lock_guard hold(lock);
      bytes = c.bytes;
    }
    is_bad = true;
    raw_client from(sidecar.port());
    from.send(fmt::format("{} /bad HTTP/1.1\r\nHost: h\r\n\r\n", c.method));
    const auto got = from.read_responses(1, 5s);
    // What comes out as wrong in its body may have been begun by then.
    const bool is_broken_off = c.wanted.ends_with(" 502") && statuses_of(got) == "502";
    EXPECT_TRUE(is_broken_off || statuses_of(got) == c.wanted.substr(0, 3))
        << c.name << ": " << got;
    is_bad = false;
    EXPECT_EQ(got.find("bad"), std::string::npos) << c.name << ": " << got;
    from.close();
    raw_client next(sidecar.port());
    EXPECT_EQ(body_of(next.exchange("GET /good HTTP/1.1\r\nHost: h\r\n\r\n")), "good") << c.name;
  }
}

TEST(sidecar_http, half_a_response_is_not_a_whole_one) {
  for (const std::string half :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n"}) {
    scripted_server server([&](int socket, const std::string& head) {
      if (head.find(" /x ") == std::string::npos) return send_all(socket, good);
      send_all(socket, half);
      return false;
    });
    sidecar_process sidecar(server.url());
    raw_client from(sidecar.port());
    from.send(plain_get);
    const auto got = from.read_responses(2, 5s);
    EXPECT_EQ(statuses_of(got), "200") << got;
    EXPECT_NE(got.find("12345"), std::string::npos);
    EXPECT_FALSE(got.ends_with("0\r\n\r\n")) << "nobody says that this is all: " << got;
    EXPECT_TRUE(from.is_closed_within(5s));
    raw_client next(sidecar.port());
    EXPECT_EQ(body_of(next.exchange("GET /y HTTP/1.1\r\nHost: h\r\n\r\n")), "good");
  }
}

TEST(sidecar_http, interim_responses_are_bounded) {
  scripted_server server([](int socket, const std::string& head) {
    const bool is_flood = head.find(" /flood ") != std::string::npos;
    for (int i = 0; i < (is_flood ? 100'000 : 2); ++i) {
      if (!send_all(socket, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")) return false;
    }
    return send_all(socket, good);
  });
  sidecar_process sidecar(server.url());
  raw_client from(sidecar.port());
  from.send(plain_get);
  EXPECT_EQ(statuses_of(from.read_responses(3, 5s)), "103 103 200");
  raw_client flooded(sidecar.port());
  flooded.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto got = flooded.read_responses(1000, 1s);
  EXPECT_EQ(got.find("good"), std::string::npos);
  EXPECT_LT(count_of("HTTP/1.1 103", got), 100);
  EXPECT_TRUE(statuses_of(got).ends_with("502")) << got;
  raw_client next(sidecar.port());
  EXPECT_TRUE(next.send(plain_get));
  EXPECT_EQ(statuses_of(next.read_responses(3, 5s)), "103 103 200");
}

TEST(sidecar_http, a_post_is_sent_once_and_a_get_again_when_a_kept_connection_was_gone) {
  std::mutex lock;
  std::string seen;
  // Each connection answers one request, and closes over the second.
  test_server server([&](int socket) {
    for (int i = 0; i < 2; ++i) {
      const auto head = read_head(socket);
      if (head.empty()) return;
      {
        const std::lock_guard hold(lock);
        seen += head.substr(0, head.find(" HTTP")) + '\n';
      }
      if (i == 0 && !send_all(socket, good)) return;
    }
  });
  sidecar_process sidecar(url_of(server.at().port));
  const auto ask = [&](std::string_view line) {
    raw_client from(sidecar.port());
    return statuses_of(from.exchange(fmt::format("{} HTTP/1.1\r\nHost: h\r\n\r\n", line)));
  };
  EXPECT_EQ(ask("GET /1"), "200");
  EXPECT_EQ(ask("GET /2"), "200");
  EXPECT_EQ(ask("POST /3"), "502");
  EXPECT_EQ(ask("POST /4"), "200");
  const std::lock_guard hold(lock);
  EXPECT_EQ(count_of("GET /2", seen), 2) << seen;
  EXPECT_EQ(count_of("POST /3", seen), 1) << seen;
  EXPECT_EQ(count_of("POST /4", seen), 1) << seen;
}

TEST(sidecar_http, a_server_that_closes_idle_connections_costs_nobody_a_request) {
  const logging_nginx nginx("keepalive_timeout 1s; keepalive_requests 7;");
  sidecar_process sidecar(nginx.url());
  for (int i = 0; i < 200; ++i) {
    raw_client from(sidecar.port());
    const auto got = from.exchange(plain_get);
    ASSERT_EQ(body_of(got), "hello") << i << ": " << got;
    // Around the second after which it closes.
    if (i % 50 == 49) std::this_thread::sleep_for(960ms + i * 300us);
  }
}

}  // namespace
}  // namespace waitstate::integration_test
