#include "http/http_head.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

std::string text_of(const head_pieces& pieces) {
  std::string text;
  for (const auto piece : pieces) text.append("[").append(piece).append("]");
  return text;
}

request_head request(std::string_view bytes) {
  request_head head;
  head_refusal why;
  EXPECT_EQ(parse_request_head(bytes, head, why), parse_state::complete) << bytes << why.why;
  return head;
}

response_head response(std::string_view bytes, std::string_view method = "GET") {
  response_head head;
  head_refusal why;
  EXPECT_EQ(parse_response_head(bytes, method, head, why), parse_state::complete)
      << bytes << why.why;
  return head;
}

/// The status with which it is refused; 0: it is not.
int refusal_of(std::string_view bytes) {
  request_head head;
  head_refusal why;
  if (parse_request_head(bytes, head, why) != parse_state::refused) return 0;
  EXPECT_FALSE(why.why.empty());
  return why.status;
}

TEST(http_head, a_request_is_read_in_place) {
  const std::string bytes =
      "POST /a?b HTTP/1.1\r\nHost: h:80\r\nX-A: 1\r\nX-B:2\r\nContent-Length: 5\r\nX-C: 3 "
      "\r\n\r\nhello";
  const auto head = request(bytes);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.host, "h:80");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.body.end, body_end::length);
  EXPECT_EQ(head.body.length, 5U);
  EXPECT_EQ(bytes.substr(head.size), "hello");
  EXPECT_TRUE(head.keeps_open);
  EXPECT_FALSE(head.is_idempotent);
  EXPECT_FALSE(head.expects_continue);
  EXPECT_EQ(text_of(head.lines), "[X-A: 1\r\nX-B:2\r\n][X-C: 3 \r\n]");
  EXPECT_EQ(head.lines[0].data(), bytes.data() + bytes.find("X-A"));
}

TEST(http_head, what_is_about_the_clients_connection_is_not_sent_on) {
  const auto head = request(
      "GET / HTTP/1.1\r\nX-Mine: 1\r\nA: 1\r\nHost: h\r\nKeep-Alive: 5\r\nProxy-Connection: "
      "close\r\n"
      "Proxy-Authorization: Basic eA==\r\nTE: trailers\r\nB: 2\r\nConnection: te, "
      "x-mine,,Keep-Alive\r\n"
      "Upgrade: websocket\r\nExpect: 100-Continue\r\nX-MINE: 2\r\nTrailer: D\r\nC: 3\r\n\r\n");
  EXPECT_EQ(text_of(head.lines), "[A: 1\r\n][B: 2\r\n][Trailer: D\r\nC: 3\r\n]");
  EXPECT_TRUE(head.keeps_open) << "Proxy-Connection means nothing here";
  EXPECT_EQ(head.upgrade, "") << "Connection does not name it";
  EXPECT_FALSE(head.expects_continue) << "there is no body to wait with";
}

TEST(http_head, who_keeps_the_connection) {
  const auto keeps = [](const std::string& version, const std::string& connection) {
    return request("GET / HTTP/" + version + "\r\nHost: h\r\n" + connection + "\r\n").keeps_open;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive, Close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: x , close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: Keep-Alive, close\r\n"));
}

TEST(http_head, an_upgrade_is_asked_for_or_not) {
  const auto asks = [](const std::string& line, const std::string& more) {
    return std::string(request(line + "\r\nHost: h\r\n" + more + "\r\n").upgrade);
  };
  const std::string both = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(asks("GET / HTTP/1.1", both), "websocket");
  EXPECT_EQ(asks("GET / HTTP/1.0", both), "");
  EXPECT_EQ(asks("POST / HTTP/1.1", both + "Content-Length: 1\r\n"), "");
  EXPECT_EQ(asks("POST / HTTP/1.1", both + "Content-Length: 0\r\n"), "websocket");
  EXPECT_EQ(asks("GET / HTTP/1.1", both + "Upgrade: x\r\n"), "");
  EXPECT_EQ(asks("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: a/1, h2c\r\n"), "");
  EXPECT_EQ(asks("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: a(b)\r\n"), "");
}

TEST(http_head, what_a_request_waits_for_and_what_may_be_sent_twice) {
  EXPECT_TRUE(
      request("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
          .expects_continue);
  EXPECT_FALSE(request("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                   .expects_continue);
  for (const auto* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    EXPECT_TRUE(request(std::string(method) + " / HTTP/1.0\r\n\r\n").is_idempotent);
  }
  for (const auto* method : {"POST", "PATCH", "get", "GETS", "LOCK"}) {
    EXPECT_FALSE(request(std::string(method) + " / HTTP/1.0\r\n\r\n").is_idempotent);
  }
}

TEST(http_head, whom_a_request_is_for) {
  EXPECT_EQ(request("GET HTTP://Example:80/x HTTP/1.1\r\nHost: example\r\n\r\n").host,
            "Example:80");
  EXPECT_EQ(request("GET https://e?x HTTP/1.1\r\nHost: e:443\r\n\r\n").host, "e");
  EXPECT_EQ(request("CONNECT e:443 HTTP/1.1\r\nHost: E\r\n\r\n").host, "e:443");
  EXPECT_EQ(request("GET / HTTP/1.0\r\n\r\n").host, "");
  EXPECT_EQ(request("OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n").host, "[::1]:8080");
}

TEST(http_head, more_pieces_than_are_held_are_refused) {
  const auto with = [](std::size_t pieces) {
    std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (std::size_t i = 0; i < pieces; ++i) bytes += "A: 1\r\nTE: x\r\n";
    return bytes + "\r\n";
  };
  EXPECT_EQ(request(with(24)).lines.size(), 24U);
  EXPECT_EQ(refusal_of(with(25)), 400);
}

TEST(http_head, a_head_has_a_size) {
  const auto with = [](std::size_t size) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
    return bytes + std::string(size - bytes.size() - 4, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(request(with(head_size_max)).size, head_size_max);
  EXPECT_EQ(refusal_of(with(head_size_max + 1)), 431);
  EXPECT_EQ(refusal_of(with(head_size_max).substr(0, head_size_max - 1)), 0);
  EXPECT_EQ(refusal_of("GET /" + std::string(head_size_max, 'a')), 431);
  const auto large = "HTTP/1.1 200 OK\r\nA: " + std::string(head_size_max, 'a');
  response_head head;
  head_refusal why;
  EXPECT_EQ(parse_response_head(large, "GET", head, why), parse_state::refused);
  EXPECT_EQ(why.status, 502);
}

TEST(http_head, a_response_is_read_in_place) {
  const auto head = response(
      "HTTP/1.1 404 Not Found\r\nDate: x\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n"
      "Server: y\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not Found");
  EXPECT_EQ(head.body.end, body_end::chunked);
  EXPECT_EQ(head.keep_alive, "timeout=5");
  EXPECT_TRUE(head.keeps_open);
  EXPECT_EQ(text_of(head.lines), "[Date: x\r\n][Server: y\r\n]");
  EXPECT_EQ(response("HTTP/1.1 200\r\n\r\n").reason, "");
  EXPECT_EQ(response("HTTP/1.1 200 \r\n\r\n").reason, "");
}

TEST(http_head, a_response_without_a_body_tells_of_anothers_length) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 9\r\n\r\n";
  const auto head = response(bytes, "HEAD");
  EXPECT_EQ(head.body.end, body_end::none);
  EXPECT_TRUE(head.keeps_open);
  EXPECT_EQ(text_of(head.lines), "[A: 1\r\nContent-Length: 9\r\n]");
  EXPECT_EQ(text_of(response(bytes).lines), "[A: 1\r\n]");
  EXPECT_EQ(text_of(response("HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n").lines),
            "[Content-Length: 9\r\n]");
}

TEST(http_head, which_responses_keep_the_connection) {
  EXPECT_FALSE(response("HTTP/1.1 200 OK\r\n\r\n").keeps_open);
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\n\r\n").body.end, body_end::close);
  EXPECT_TRUE(response("HTTP/1.1 204 x\r\n\r\n").keeps_open);
  EXPECT_FALSE(response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keeps_open);
  EXPECT_TRUE(
      response("HTTP/1.0 200 x\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keeps_open);
  EXPECT_FALSE(
      response("HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keeps_open);
  const auto other =
      response("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(other.upgrade, "websocket");
}

}  // namespace
}  // namespace waitstate::sidecar
