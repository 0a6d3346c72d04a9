#include "waitstate/client/core/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "waitstate/base/fd.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class connection_test : public testing::Test {
 protected:
  connection_test() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    peer_ = fd(ends[1]);
    connection::socket ours(io_);
    ours.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
    ours_ = std::make_shared<connection>(std::move(ours), endpoint{.host = "x", .port = 1});
    ours_->count_in(counts_);
  }

  /// What the peer reads: the end (0), or what errno says.
  [[nodiscard]] int peer_reads() const {
    char byte = 0;
    const auto got = ::recv(peer_.get(), &byte, 1, MSG_DONTWAIT);
    return got < 0 ? errno : static_cast<int>(got);
  }

  asio::io_context io_;
  fd peer_;
  std::shared_ptr<close_counts> counts_ = std::make_shared<close_counts>();
  connection_ptr ours_;
};

TEST_F(connection_test, shutting_down_ends_both_directions_and_keeps_the_descriptor) {
  const int handle = ours_->native_handle();
  ours_->shut_down("first");
  ours_->shut_down("second");
  EXPECT_TRUE(ours_->is_shut_down());
  EXPECT_EQ(ours_->why_shut_down()->what, "first");
  EXPECT_EQ(ours_->native_handle(), handle);
  EXPECT_EQ(peer_reads(), 0);
  const auto why = ours_->why_failed(asio::error::eof, "read");
  EXPECT_EQ(why.code, errc::cancelled);
  EXPECT_EQ(why.what, "read: first");
}

TEST_F(connection_test, a_deadline_ends_it_when_it_is_over_and_not_before) {
  const auto now = clock::now();
  ours_->end_if_overdue(now + 24h);
  EXPECT_FALSE(ours_->is_shut_down()) << "it has none";
  ours_->set_deadline(now + 1s);
  ours_->end_if_overdue(now + 1s - 1ns);
  EXPECT_FALSE(ours_->is_shut_down());
  ours_->end_if_overdue(now + 1s);
  EXPECT_TRUE(ours_->is_shut_down());
  EXPECT_EQ(ours_->why_shut_down()->what, "the deadline passed");
}

TEST_F(connection_test, a_later_deadline_comes_too_late_for_one_that_has_ended) {
  const auto now = clock::now();
  ours_->set_deadline(now);
  ours_->end_if_overdue(now);
  ours_->set_deadline(time_point::max());
  EXPECT_TRUE(ours_->is_shut_down());
}

TEST_F(connection_test, of_a_new_deadline_and_an_end_that_race_one_wins) {
  const auto now = clock::now();
  ours_->set_deadline(now);
  std::thread ending([&] { ours_->end_if_overdue(now); });
  ours_->set_deadline(now + 1h);
  ending.join();
  EXPECT_EQ(ours_->is_shut_down(), ours_->deadline() != now + 1h);
}

TEST_F(connection_test, peeking_takes_nothing) {
  EXPECT_EQ(ours_->peek(), connection::pending::nothing);
  EXPECT_FALSE(ours_->is_dirty());
  ASSERT_EQ(::send(peer_.get(), "x", 1, 0), 1);
  EXPECT_EQ(ours_->peek(), connection::pending::bytes);
  EXPECT_EQ(ours_->peek(), connection::pending::bytes);
  char byte = 0;
  ASSERT_EQ(::recv(ours_->native_handle(), &byte, 1, 0), 1);
  ::shutdown(peer_.get(), SHUT_WR);
  EXPECT_EQ(ours_->peek(), connection::pending::end);
  EXPECT_TRUE(ours_->is_dirty());
}

TEST_F(connection_test, counts_who_closed_first) {
  ours_.reset();
  EXPECT_EQ(counts_->first, 1U);
  EXPECT_EQ(counts_->after + counts_->by_reset, 0U);
}

TEST_F(connection_test, counts_a_close_after_the_peers) {
  ours_->mark_peer_closed();
  ours_->close_with(close_how::reset);
  ours_.reset();
  EXPECT_EQ(counts_->after, 1U) << "there is nothing to reset any more";
  EXPECT_EQ(counts_->first + counts_->by_reset, 0U);
}

TEST_F(connection_test, resets_only_where_nothing_is_unread) {
  ASSERT_EQ(::send(peer_.get(), "x", 1, 0), 1);
  ours_->close_with(close_how::reset);
  ours_.reset();
  EXPECT_EQ(counts_->by_reset, 0U);
  EXPECT_EQ(counts_->first, 1U);
}

TEST_F(connection_test, remembers_when_the_last_byte_moved) {
  const auto then = clock::now() + 5s;
  ours_->touch(then);
  EXPECT_EQ(ours_->last_byte(), then);
}

}  // namespace
}  // namespace waitstate::client
