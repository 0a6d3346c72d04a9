#include "http_response_parser.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using body = http_response_parser::body;

/// Everything about a response, as one line.
std::string outcome(std::string_view bytes, std::size_t piece, body kind = body::whole,
                    const http_limits& limits = {}) {
  http_response_parser parser(limits, kind);
  std::size_t at = 0;
  for (std::size_t end = 0; end < bytes.size() && !parser.is_done();) {
    end = std::min(bytes.size(), end + piece);
    const auto used = parser.put(bytes.substr(at, end - at));
    if (!used) return used.error().what;
    at += *used;
  }
  if (!parser.is_done()) {
    if (const auto fine = parser.end_of_stream(); !fine) return fine.error().what;
  }
  const bool keeps = is_reusable({.request_sent = true,
                                  .response_done = parser.is_done(),
                                  .response_keeps = parser.keeps_connection(),
                                  .we_said_close = false,
                                  .bytes_after = bytes.size() - at});
  const auto& r = parser.response();
  return std::to_string(r.status) + " '" + r.body + "' " + std::to_string(r.trailers.size()) +
         (keeps ? " kept" : " dropped");
}

struct response_case {
  std::string bytes;
  std::string_view wanted;
  body kind = body::whole;
};

TEST(http_response_parser, reads_a_response_however_it_is_cut) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const response_case cases[] = {
      {ok + "Content-Length: 2\r\n\r\nhi", "200 'hi' 0 kept"},
      {ok + "Content-Length: 0\r\n\r\n", "200 '' 0 kept"},
      {ok + "Content-Length: 2\r\n\r\nhi!", "200 'hi' 0 dropped"},
      {ok + "Content-Length: 2\r\nConnection: close\r\n\r\nhi", "200 'hi' 0 dropped"},
      {ok + "Content-Length: 2\r\nConnection: x, Close\r\n\r\nhi", "200 'hi' 0 dropped"},
      {ok + "\r\nuntil the end", "200 'until the end' 0 dropped"},
      {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "200 'hi' 0 kept"},
      {"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "200 'hi' 0 kept"},
      {"HTTP/1.1 100\n\nHTTP/1.1 200\nTransfer-Encoding: chunked\n\n2\r\nhi\r\n0\r\n\r\n",
       "200 'hi' 0 kept"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 'hi' 0 dropped"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
       "200 'hi' 0 kept"},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhi", "200 'hi' 0 dropped"},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
       "2\r\nhi\r\n0\r\n\r\n",
       "200 'hi' 0 dropped"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n3\r\n ho\r\n0\r\n\r\n",
       "200 'hi ho' 0 kept"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: 1\r\nB: 2\r\n\r\n",
       "200 'hi' 2 kept"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + ok +
           "Content-Length: 2\r\n\r\nhi",
       "200 'hi' 0 kept"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204 '' 0 kept"},
      {"HTTP/1.1 204 No Content\r\n\r\nhi", "204 '' 0 dropped"},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 '' 0 kept"},
      {ok + "Content-Length: 9\r\n\r\n", "200 '' 0 kept", body::none},
      {ok + "Transfer-Encoding: chunked\r\n\r\n", "200 '' 0 kept", body::none},
      {ok + "\r\n", "200 '' 0 kept", body::none},
      {ok + "Content-Length: 2\r\n\r\nhi", "200 'hi' 0 kept", body::in_parts},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 16U, 1000U}) {
      // A response without a body ends before what comes after it has been read.
      if (piece < 1000 && c.wanted.ends_with("dropped") && c.bytes.ends_with("hi!")) continue;
      if (piece < 1000 && c.bytes.starts_with("HTTP/1.1 204") && c.bytes.ends_with("hi")) continue;
      EXPECT_EQ(outcome(c.bytes, piece, c.kind), c.wanted) << c.bytes << " by " << piece;
    }
  }
}

TEST(http_response_parser, refuses_what_is_no_response_or_could_hide_its_end) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const response_case cases[] = {
      {"", "http response: the server closed before it"},
      {"HTTP/1.1 200", "http response: cut short: the server closed inside of the header"},
      {ok + "Content-Length: 3\r\n\r\nhi",
       "http response: cut short: the server closed inside of the body"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
       "http response: cut short: the server closed inside of the body"},
      {ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
       "http response: bad Transfer-Encoding"},
      {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
       "http response: multiple Content-Length"},
      {ok + "Content-Length: -2\r\n\r\n", "http response: bad Content-Length"},
      {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
       "http response: a transfer coding that was not asked for"},
      {ok + "Transfer-Encoding: identity\r\n\r\n",
       "http response: a transfer coding that was not asked for"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
       "http response: 101 Switching Protocols, which nobody asked for"},
      {"HTTP/2 200 OK\r\n\r\n", "http response: bad version"},
      {"HTTP/1.1 020 OK\r\n\r\n", "http response: bad status"},
      {"SSH-2.0-x\r\n\r\n", "http response: bad version"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : {1U, 7U, 1000U}) {
      EXPECT_EQ(outcome(c.bytes, piece, c.kind), c.wanted) << c.bytes << " by " << piece;
    }
  }
}

TEST(http_response_parser, keeps_its_limits) {
  const http_limits limits{.header_max = 256, .body_max = 10, .interim_max = 2};
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto header = "http response: the header is over 256 B";
  const auto too_much = "http response: the body is over 10 B";
  const response_case cases[] = {
      {ok + "X: " + std::string(300, 'x') + "\r\n\r\n", header},
      {ok + "X: " + std::string(10'000, 'x'), header},
      {ok + "Content-Length: 11\r\n\r\n", too_much},
      {ok + "Content-Length: 18446744073709551615\r\n\r\n", too_much},
      {ok + "Transfer-Encoding: chunked\r\n\r\nb\r\n123", too_much},
      {ok + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n", too_much},
      {ok + "\r\n12345678901", too_much},
      {ok + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(1000, 'x'), header},
      {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(1000, 'x'), header},
      {"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
       "http response: over 2 before the final one"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : {1U, 100U}) {
      EXPECT_EQ(outcome(c.bytes, piece, c.kind, limits), c.wanted) << c.bytes << " by " << piece;
    }
  }
}

TEST(http_reuse, needs_both_messages_whole_and_nothing_after_them) {
  const http_exchange_facts fine{
      .request_sent = true, .response_done = true, .response_keeps = true};
  EXPECT_TRUE(is_reusable(fine));
  auto facts = fine;
  facts.request_sent = false;
  EXPECT_FALSE(is_reusable(facts));
  facts = fine;
  facts.response_done = false;
  EXPECT_FALSE(is_reusable(facts));
  facts = fine;
  facts.response_keeps = false;
  EXPECT_FALSE(is_reusable(facts));
  facts = fine;
  facts.we_said_close = true;
  EXPECT_FALSE(is_reusable(facts));
  facts = fine;
  facts.bytes_after = 1;
  EXPECT_FALSE(is_reusable(facts));
}

}  // namespace
}  // namespace waitstate::client
