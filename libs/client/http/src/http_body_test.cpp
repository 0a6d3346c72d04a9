// Bodies that are sent or taken piece by piece.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>

#include <gtest/gtest.h>

#include "http_test.h"
#include "waitstate/client/http/http_stream.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class http_body_test : public http_test {};

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

TEST_F(http_body_test, sends_a_body_from_a_source_in_chunks_or_with_its_length) {
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

class http_expect_test : public http_test {
 protected:
  /// Posts ten bytes; what the server saw of them, and what became of the connection.
  std::string post(std::string first_answer, std::string then) {
    std::promise<std::string> body;
    const test_server server([&](int socket) {
      const auto head = read_head(socket);
      EXPECT_NE(head.find("Expect: 100-continue"), head.npos);
      send_all(socket, first_answer);
      body.set_value(read_bytes(socket, 10));
      if (first_answer.starts_with("HTTP/1.1 4")) return;
      send_all(socket, then);
      test_server::read_to_end(socket);
    });
    const auto from = service(server, {.expect_continue_from = 10, .expect_continue_wait = 100ms});
    const auto got =
        io_.await(from.request(http_post("/", "0123456789", "text/plain"), clock::now() + 5s));
    std::string text = got ? std::to_string(got->status) : got.error().what;
    text += is_kept(from) ? ", kept, " : ", dropped, ";
    made_.back()->stop();
    EXPECT_TRUE(soon([&] { return metrics(from).connections == 0; }));
    const auto seen = body.get_future().get();
    return text + (seen.empty() ? "nothing" : seen);
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

TEST_F(http_body_test, stops_sending_when_the_server_answers_early) {
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

TEST_F(http_body_test, hands_the_body_to_a_sink_and_keeps_none) {
  const test_server server(answers(hi));
  const auto from = service(server);
  std::string taken;
  http_call_options options{.deadline = clock::now() + 5s};
  options.on_body = [&](const http_response& head, std::string_view piece) -> result<> {
    EXPECT_EQ(head.status, 200);
    taken += piece;
    return {};
  };
  const auto got = io_.await(from.request(http_get("/"), options));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "");
  EXPECT_EQ(taken, "hi");
  EXPECT_TRUE(is_kept(from));
  options.on_body = [](const http_response&, std::string_view) -> result<> {
    return failure({.code = errc::system, .what = "disk full", .hint = {}});
  };
  const auto failed = io_.await(from.request(http_get("/"), options));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "disk full");
  EXPECT_EQ(metrics(from).leased, 0U);
}

task<std::string> read_all(http_service from) {
  http_call_options options{.deadline = clock::now() + 5s};
  auto stream = co_await from.open(http_get("/"), options);
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
  const auto stream = co_await from.open(http_get("/"), options);
  if (!stream) co_return failure(stream.error());
  co_return stream->head().status;
}

TEST_F(http_body_test, streams_a_body_and_keeps_the_connection_at_its_end) {
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

TEST_F(http_body_test, drains_an_abandoned_stream_when_that_is_cheap) {
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

TEST_F(http_body_test, drops_an_abandoned_stream_that_is_long_or_slow) {
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

}  // namespace
}  // namespace waitstate::client
