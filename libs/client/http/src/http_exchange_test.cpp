#include "http_exchange.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <boost/asio/generic/stream_protocol.hpp>

#include "http_test.h"
#include "waitstate/base/fd.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// One exchange over a connection whose other end is `peer_`.
class http_exchange_test : public testing::Test {
 protected:
  http_exchange_test() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    peer_ = fd(ends[1]);
    connection::socket ours(io_.executor());
    ours.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
    over_ = std::make_shared<connection>(std::move(ours), endpoint{.host = "x", .port = 1});
  }

  http_exchange exchange() { return {over_, limits_, http_response_parser::body::whole}; }

  result<> send(http_exchange& in, const http_request& request, http_head_extras extras = {}) {
    extras.host = "x";
    in.prepare(request, settings_, extras, true, facts_);
    if (in.send_at_once(request, facts_)) return {};
    return io_.await(in.send(&request, &settings_, &facts_));
  }

  /// Until the response is whole, or why it will not be.
  result<> read(http_exchange& in) {
    if (auto header = io_.await(in.read_header(&facts_)); !header) return header;
    while (!in.parser().is_done()) {
      if (auto more = io_.await(in.read_some(&facts_)); !more) return more;
    }
    return {};
  }

  void peer_says(std::string_view bytes) const { EXPECT_TRUE(send_all(peer_.get(), bytes)); }

  test_io io_;
  fd peer_;
  connection_ptr over_;
  const http_limits limits_;
  http_settings settings_;
  attempt facts_{.over = nullptr, .bytes_written = false};
};

TEST_F(http_exchange_test, a_request_and_its_response_leave_the_connection_reusable) {
  for (int turn = 0; turn < 2; ++turn) {
    auto one = exchange();
    EXPECT_FALSE(one.is_reusable());
    ASSERT_TRUE(send(one, http_get("/x")));
    EXPECT_TRUE(facts_.bytes_written);
    EXPECT_TRUE(read_head(peer_.get()).starts_with("GET /x HTTP/1.1\r\n"));
    EXPECT_FALSE(one.is_reusable()) << "there is no response yet";
    peer_says(hi);
    ASSERT_TRUE(read(one));
    EXPECT_TRUE(facts_.response_byte_seen);
    EXPECT_TRUE(one.is_reusable());
  }
}

TEST_F(http_exchange_test, it_is_not_reusable_with_bytes_that_nobody_asked_for) {
  auto one = exchange();
  ASSERT_TRUE(send(one, http_get("/x")));
  peer_says(hi + "more");
  ASSERT_TRUE(read(one));
  EXPECT_FALSE(one.is_reusable());
}

TEST_F(http_exchange_test, it_is_not_reusable_when_either_side_says_close) {
  auto ours = exchange();
  ASSERT_TRUE(send(ours, http_get("/x"), {.says_close = true}));
  peer_says(hi);
  ASSERT_TRUE(read(ours));
  EXPECT_FALSE(ours.is_reusable());
  auto theirs = exchange();
  ASSERT_TRUE(send(theirs, http_get("/x")));
  peer_says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
  ASSERT_TRUE(read(theirs));
  EXPECT_FALSE(theirs.is_reusable());
}

TEST_F(http_exchange_test, a_connection_that_was_ended_sends_nothing_and_says_why) {
  over_->set_deadline(clock::now() - 1s);
  over_->end_if_overdue(clock::now());
  auto one = exchange();
  const auto sent = send(one, http_get("/x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, errc::timed_out);
  EXPECT_EQ(sent.error().what, "server 'x:1': write: the deadline passed");
  EXPECT_FALSE(facts_.bytes_written);
  EXPECT_FALSE(facts_.response_byte_seen);
}

TEST_F(http_exchange_test, an_end_before_the_response_is_no_answer) {
  auto one = exchange();
  ASSERT_TRUE(send(one, http_get("/x")));
  ::shutdown(peer_.get(), SHUT_WR);
  const auto got = read(one);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::reset);
  EXPECT_TRUE(facts_.bytes_written);
  EXPECT_FALSE(facts_.response_byte_seen);
}

TEST_F(http_exchange_test, an_end_within_the_response_is_a_part_of_an_answer) {
  auto one = exchange();
  ASSERT_TRUE(send(one, http_get("/x")));
  peer_says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi");
  ::shutdown(peer_.get(), SHUT_WR);
  const auto got = read(one);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::reset);
  EXPECT_TRUE(facts_.response_byte_seen);
  EXPECT_FALSE(one.is_reusable());
}

TEST_F(http_exchange_test, an_early_answer_to_a_long_body_is_taken_and_the_rest_not_sent) {
  auto one = exchange();
  peer_says("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  const auto body = std::string(std::size_t{8} << 20, 'x');
  std::thread reading([this] { read_bytes(peer_.get(), std::size_t{256} << 10); });
  ASSERT_TRUE(send(one, http_post("/x", body, "text/plain")));
  reading.join();
  ASSERT_TRUE(read(one));
  EXPECT_FALSE(one.is_reusable()) << "the server waits for the rest";
}

}  // namespace
}  // namespace waitstate::client
