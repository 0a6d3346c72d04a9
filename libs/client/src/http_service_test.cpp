#include "waitstate/client/http_service.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Reads up to the end of a request's head; empty when the client closed.
std::string read_head(int socket) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::read(socket, &byte, 1) != 1) return {};
    head += byte;
  }
  return head;
}

std::string read_bytes(int socket, std::size_t count) {
  std::string all(count, 0);
  std::size_t got = 0;
  while (got < count) {
    const auto n = ::read(socket, all.data() + got, count - got);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  all.resize(got);
  return all;
}

/// The same bytes for every request, as long as the client keeps the connection.
test_server::behaviour answers(std::string bytes) {
  return [bytes](int socket) {
    while (!read_head(socket).empty() && send_all(socket, bytes)) {
    }
  };
}

/// The bytes for one request, then the end.
test_server::behaviour answers_once(std::string bytes) {
  return [bytes](int socket) {
    if (!read_head(socket).empty()) send_all(socket, bytes);
  };
}

const std::string hi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class http_service_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& c : made_) c->stop();
    made_.clear();
    io_.stop();
  }

  http_service service(const test_server& at, http_settings settings = {},
                       cluster_settings over = {}) {
    auto made = cluster::make(io_.executor(), static_source({{.at = at.at()}}), std::move(over));
    made_.push_back(*made);
    io_.spawn((*made)->run());
    return http_service(*made, std::move(settings));
  }

  result<http_response> get(const http_service& from, duration within = 5s) {
    return io_.await(from.get("/x", clock::now() + within));
  }

  static endpoint_metrics metrics(const http_service& of) {
    return of.over()->metrics().endpoints.at(0);
  }

  /// The connection of the call that ended is idle in the pool, or it is gone.
  static testing::AssertionResult is_kept(const http_service& of) {
    const auto m = metrics(of);
    if (m.leased != 0) return testing::AssertionFailure() << "it is still leased";
    if (m.idle == 1) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it was dropped";
  }

  /// One call, and what became of its connection.
  std::string one(const test_server::behaviour& serve, http_settings settings = {},
                  duration within = 5s) {
    const test_server server(serve);
    const auto from = service(server, std::move(settings));
    const auto got = get(from, within);
    std::string text = got ? std::to_string(got->status) + " " + got->body : got.error().what;
    if (!got) text = text.substr(text.find("': ") + 3);
    text += is_kept(from) ? ", kept" : ", dropped";
    made_.back()->stop();
    return text;
  }

  test_io io_{2};
  std::vector<std::shared_ptr<cluster>> made_;
};

TEST_F(http_service_test, keeps_one_connection_for_many_calls) {
  const test_server server(answers(hi));
  const auto from = service(server);
  for (int i = 0; i < 100; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, "hi");
    EXPECT_TRUE(is_kept(from));
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_service_test, sends_what_it_was_given_and_nothing_else) {
  std::string seen;
  const test_server server([&](int socket) {
    seen = read_head(socket);
    seen += read_bytes(socket, 3);
    send_all(socket, hi);
  });
  const auto from = service(server, {.host = "a.example"});
  auto request = make_http_request("POST", "/x?y", "abc", "text/plain");
  request.headers.add("X-Own", "1");
  ASSERT_TRUE(io_.await(from.request(request, {.deadline = clock::now() + 5s})));
  EXPECT_EQ(seen,
            "POST /x?y HTTP/1.1\r\nHost: a.example\r\nUser-Agent: waitstate\r\n"
            "Content-Type: text/plain\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\nabc");
}

TEST_F(http_service_test, keeps_or_drops_by_what_the_server_did) {
  const auto before = open_descriptors();
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(one(answers(hi)), "200 hi, kept");
  EXPECT_EQ(one(answers(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nhi")),
            "200 hi, dropped");
  EXPECT_EQ(one(answers_once(ok + "\r\nuntil the end")), "200 until the end, dropped");
  EXPECT_EQ(one(answers("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")), "200 hi, dropped");
  EXPECT_EQ(one(answers("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n"
                        "hi")),
            "200 hi, kept");
  EXPECT_EQ(one(answers(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: 1\r\n\r\n")),
            "200 hi, kept");
  EXPECT_EQ(one(answers("HTTP/1.1 204 No Content\r\n\r\n")), "204 , kept");
  EXPECT_EQ(one(answers("HTTP/1.1 103 Hints\r\n\r\n" + hi)), "200 hi, kept");
  EXPECT_EQ(one(answers(hi + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")),
            "200 hi, dropped");
  EXPECT_EQ(one(answers(hi), {.keep_alive = false}), "200 hi, dropped");
  EXPECT_TRUE(soon([&] { return open_descriptors() <= before + 60; }));
}

TEST_F(http_service_test, says_what_is_wrong_with_a_response_and_drops_the_connection) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(one(answers_once(ok + "Content-Length: 9\r\n\r\nhi")),
            "http response: cut short: the server closed inside of the body, dropped");
  EXPECT_EQ(one(answers_once(ok + "Content-Le")),
            "http response: cut short: the server closed inside of the header, dropped");
  EXPECT_EQ(one(answers_once("")), "read: End of file, dropped");
  EXPECT_EQ(one(answers("SSH-2.0-x\r\n\r\n")), "http response: bad version, dropped");
  EXPECT_EQ(one(answers(ok + "X: " + std::string(70'000, 'x') + "\r\n\r\n")),
            "http response: the header is over 64 KiB, dropped");
  EXPECT_EQ(one(answers(ok + "Content-Length: 17000000\r\n\r\n")),
            "http response: the body is over 16 MiB, dropped");
  EXPECT_EQ(one(test_server::half_close), "read: End of file, dropped");
  const auto resets = [](int socket) {
    read_head(socket);
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    ::close(::dup(socket));
    const int nothing = ::socket(AF_INET, SOCK_STREAM, 0);
    ::dup2(nothing, socket);
    ::close(nothing);
  };
  EXPECT_EQ(one(resets), "read: Connection reset by peer, dropped");
}

TEST_F(http_service_test, ends_a_stalled_response_at_its_deadline) {
  const auto stalls_after = [](std::string bytes) {
    return [bytes](int socket) {
      if (read_head(socket).empty()) return;
      send_all(socket, bytes);
      test_server::read_to_end(socket);
    };
  };
  for (const std::string bytes :
       {"", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\n\r\nhi"}) {
    const auto began = clock::now();
    EXPECT_EQ(one(stalls_after(bytes), {}, 150ms), "read: the deadline passed, dropped") << bytes;
    EXPECT_LT(clock::now() - began, 2s);
  }
}

TEST_F(http_service_test, reads_a_response_in_many_packets) {
  const auto dribbles = [](int socket) {
    while (!read_head(socket).empty()) {
      const std::string bytes =
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n";
      for (const char c : bytes) send_all(socket, {&c, 1});
    }
  };
  EXPECT_EQ(one(dribbles), "200 hi!, kept");
}

TEST_F(http_service_test, reads_a_long_body_whole_and_keeps_the_connection) {
  const std::string body(5'000'000, 'x');
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + body));
  const auto from = service(server);
  for (int i = 0; i < 3; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_TRUE(got->body == body);
    EXPECT_TRUE(is_kept(from));
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_service_test, has_no_body_to_wait_for_after_a_head_request) {
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
  const auto from = service(server);
  const auto got = io_.await(from.head("/", clock::now() + 5s));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->headers.find("content-length"), "99");
  EXPECT_TRUE(is_kept(from));
}

TEST_F(http_service_test, tries_again_where_the_server_closed_an_idle_connection) {
  std::atomic<int> requests{0};
  const test_server server([&](int socket) {  // answers one request, closes on the next
    if (read_head(socket).empty()) return;
    ++requests;
    send_all(socket, hi);
    if (!read_head(socket).empty()) ++requests;
  });
  const auto from = service(server);
  for (int i = 0; i < 5; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
  }
  EXPECT_EQ(from.over()->metrics().retries, 4U);
  const auto posted = io_.await(from.post("/", "x", "text/plain", clock::now() + 5s));
  ASSERT_FALSE(posted) << "the server may have done it";
  EXPECT_EQ(from.over()->metrics().retries, 4U);
  EXPECT_EQ(metrics(from).leased, 0U);
}

TEST_F(http_service_test, gives_a_late_answer_to_nobody_else) {
  std::atomic<int> number{0};
  const test_server server([&](int socket) {
    while (!read_head(socket).empty()) {
      const auto mine = std::to_string(++number);
      if (mine == "1") std::this_thread::sleep_for(300ms);
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + mine);
    }
  });
  const auto from = service(server);
  EXPECT_FALSE(get(from, 100ms));
  const auto got = get(from);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "2");
}

TEST_F(http_service_test, counts_a_gateway_error_against_the_server_and_returns_it) {
  const test_server server(answers("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
  const auto from = service(server);
  const auto got = get(from);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 503);
  EXPECT_TRUE(is_kept(from));
  EXPECT_EQ(metrics(from).failed, 1U);
}

TEST_F(http_service_test, learns_for_how_long_the_server_keeps_connections) {
  const test_server server(
      answers("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=10\r\nContent-Length: 0\r\n\r\n"));
  const auto from = service(server);
  ASSERT_TRUE(get(from));
  EXPECT_EQ(metrics(from).idle_limit_learned, 8s);
}

task<std::string> next_of(std::shared_ptr<std::vector<std::string>> pieces) {
  if (pieces->empty()) co_return std::string();
  auto piece = std::move(pieces->front());
  pieces->erase(pieces->begin());
  co_return piece;
}

http_body_source source_of(std::vector<std::string> pieces,
                           std::optional<std::uint64_t> length = {}) {
  auto left = std::make_shared<std::vector<std::string>>(std::move(pieces));
  return {.next = [left] { return next_of(left); }, .length = length};
}

TEST_F(http_service_test, sends_a_body_from_a_source_in_chunks_or_with_its_length) {
  std::string seen;
  const test_server server([&](int socket) {
    for (;;) {
      const auto head = read_head(socket);
      if (head.empty()) return;
      const bool is_chunked = head.find("chunked") != head.npos;
      seen = read_bytes(socket, is_chunked ? 20 : 5);
      send_all(socket, hi);
    }
  });
  const auto from = service(server);
  http_request request{.method = "PUT"};
  request.source = source_of({"ab", "cde"});
  ASSERT_TRUE(io_.await(from.request(request, {.deadline = clock::now() + 5s})));
  EXPECT_EQ(seen, "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
  EXPECT_TRUE(is_kept(from));
  request.source = source_of({"ab", "cde"}, 5);
  ASSERT_TRUE(io_.await(from.request(request, {.deadline = clock::now() + 5s})));
  EXPECT_EQ(seen, "abcde");
  EXPECT_TRUE(is_kept(from));
  request.source = source_of({"ab"}, 5);
  const auto got = io_.await(from.request(request, {.deadline = clock::now() + 5s}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "the request's body: ended after 2 of the 5 bytes announced");
  EXPECT_FALSE(is_kept(from));
  EXPECT_EQ(server.accepted(), 1);
}

class http_expect_test : public http_service_test {
 protected:
  /// Posts ten bytes; what the server saw of them, and what became of the connection.
  std::string post(std::string first_answer, std::string then) {
    std::string seen;
    const test_server server([&](int socket) {
      const auto head = read_head(socket);
      EXPECT_NE(head.find("Expect: 100-continue"), head.npos);
      send_all(socket, first_answer);
      if (first_answer.starts_with("HTTP/1.1 4")) {
        seen = read_bytes(socket, 10);
        return;
      }
      seen = read_bytes(socket, 10);
      send_all(socket, then);
      test_server::read_to_end(socket);
    });
    const auto from = service(server, {.expect_continue_from = 10, .expect_continue_wait = 100ms});
    const auto got = io_.await(from.post("/", "0123456789", "text/plain", clock::now() + 5s));
    std::string text = got ? std::to_string(got->status) : got.error().what;
    text += is_kept(from) ? ", kept, " : ", dropped, ";
    made_.back()->stop();
    return text + (soon([&] { return metrics(from).connections == 0; }) ? "" : "?") +
           (seen.empty() ? "nothing" : seen);
  }
};

TEST_F(http_expect_test, waits_for_100_continue_and_sends_the_body_then) {
  EXPECT_EQ(post("HTTP/1.1 100 Continue\r\n\r\n", hi), "200, kept, 0123456789");
}

TEST_F(http_expect_test, sends_the_body_when_100_continue_does_not_come) {
  EXPECT_EQ(post("", hi), "200, kept, 0123456789");
}

TEST_F(http_expect_test, sends_no_body_after_a_final_answer) {
  EXPECT_EQ(post("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", ""),
            "413, dropped, nothing");
}

TEST_F(http_service_test, stops_sending_when_the_server_answers_early) {
  const test_server server([](int socket) {
    read_head(socket);
    send_all(socket, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    std::array<char, 65536> bytes{};
    while (::read(socket, bytes.data(), bytes.size()) > 0) {
    }
  });
  const auto from = service(server);
  http_request request{.method = "POST"};
  request.source = source_of(std::vector<std::string>(2000, std::string(10'000, 'x')));
  const auto got = io_.await(from.request(request, {.deadline = clock::now() + 5s}));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 413);
  EXPECT_FALSE(is_kept(from));
}

TEST_F(http_service_test, hands_the_body_to_a_sink_and_keeps_none) {
  const test_server server(answers(hi));
  const auto from = service(server);
  std::string taken;
  http_call_options options{.deadline = clock::now() + 5s};
  options.on_body = [&](const http_response& head, std::string_view piece) -> result<> {
    EXPECT_EQ(head.status, 200);
    taken += piece;
    return {};
  };
  const auto got = io_.await(from.request(make_http_request("GET", "/"), options));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "");
  EXPECT_EQ(taken, "hi");
  EXPECT_TRUE(is_kept(from));
  options.on_body = [](const http_response&, std::string_view) -> result<> {
    return failure({.code = errc::system, .what = "disk full", .hint = {}});
  };
  const auto failed = io_.await(from.request(make_http_request("GET", "/"), options));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "disk full");
  EXPECT_EQ(metrics(from).leased, 0U);
}

task<std::string> read_all(http_service from) {
  http_call_options options{.deadline = clock::now() + 5s};
  auto stream = co_await from.open(make_http_request("GET", "/"), options);
  if (!stream) co_return failure(stream.error());
  std::string all;
  for (;;) {
    const auto piece = co_await stream->read();
    if (!piece) co_return failure(piece.error());
    if (piece->empty()) break;
    all += *piece;
  }
  co_return std::to_string(stream->head().status) + " " + all;
}

task<int> abandon(http_service from) {
  http_call_options options{.deadline = clock::now() + 5s};
  const auto stream = co_await from.open(make_http_request("GET", "/"), options);
  if (!stream) co_return failure(stream.error());
  co_return stream->head().status;
}

TEST_F(http_service_test, streams_a_body_and_keeps_the_connection_at_its_end) {
  const std::string body(300'000, 'x');
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body));
  const auto from = service(server);
  EXPECT_EQ(io_.await(read_all(from)), "200 " + body);
  EXPECT_TRUE(is_kept(from));
  const test_server cuts(answers_once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"));
  const auto cut = service(cuts);
  const auto got = io_.await(read_all(cut));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().what.ends_with("closed inside of the body")) << got.error().what;
  EXPECT_FALSE(is_kept(cut));
  EXPECT_EQ(metrics(cut).failed, 1U);
}

TEST_F(http_service_test, drains_an_abandoned_stream_when_that_is_cheap) {
  const std::string body(30'000, 'x');
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + body));
  const auto from = service(server);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(io_.await(abandon(from)), 200);
    EXPECT_TRUE(soon([&] { return metrics(from).leased == 0; }));
    EXPECT_TRUE(is_kept(from));
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_service_test, drops_an_abandoned_stream_that_is_long_or_slow) {
  const auto endless = [](int socket) {
    read_head(socket);
    send_all(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (send_all(socket, "400\r\n" + std::string(1024, 'x') + "\r\n")) {
    }
  };
  const auto silent = [](int socket) {
    read_head(socket);
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    test_server::read_to_end(socket);
  };
  const auto big = answers("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n");
  for (const test_server::behaviour& serve :
       {test_server::behaviour(endless), test_server::behaviour(silent), big}) {
    const test_server server(serve);
    const auto from = service(server);
    EXPECT_EQ(io_.await(abandon(from)), 200);
    EXPECT_TRUE(soon([&] { return metrics(from).connections == 0; }));
    made_.back()->stop();
  }
}

TEST_F(http_service_test, leaves_descriptors_as_they_were) {
  const test_server server(answers_once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"));
  const auto from = service(server);
  EXPECT_FALSE(get(from));
  const auto client_side = [&] {
    return open_descriptors() - static_cast<std::size_t>(server.accepted());
  };
  const auto before = client_side();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(get(from));
  EXPECT_TRUE(soon([&] { return client_side() <= before + 1; })) << before << client_side();
}

}  // namespace
}  // namespace waitstate::client
