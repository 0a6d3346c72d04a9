#include "net/watcher.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <utility>

#include <gtest/gtest.h>
#include <boost/asio/generic/stream_protocol.hpp>

#include "net/per_executor.h"
#include "net/shared_timer.h"
#include "test_io.h"
#include "waitstate/base/fd.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class watcher_test : public testing::Test {
 protected:
  /// A connection whose other end is `peer`.
  connection_ptr connect(fd& peer) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    peer = fd(ends[1]);
    connection::socket ours(io_.executor());
    ours.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
    return std::make_shared<connection>(std::move(ours), endpoint{.host = "x", .port = 1});
  }

  std::atomic<int> closed_{0};
  std::atomic<int> bytes_{0};
  test_io io_{2};
  const std::shared_ptr<const watcher::handlers> told_ = std::make_shared<watcher::handlers>(
      watcher::handlers{.closed = [this](const auto&) { ++closed_; },
                        .bytes = [this](const auto&) { ++bytes_; }});
  std::shared_ptr<watcher> watcher_ = per_executor<watcher>::of(io_.executor()).value();
};

TEST_F(watcher_test, tells_of_the_peers_end_and_of_no_bytes) {
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  ASSERT_EQ(::send(peer.get(), "hello", 5, 0), 5);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(closed_ + bytes_, 0);
  ::shutdown(peer.get(), SHUT_WR);
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  EXPECT_TRUE(c->has_peer_closed());
  EXPECT_EQ(bytes_, 0);
  watcher_->stop();
}

TEST_F(watcher_test, tells_of_bytes_where_they_are_looked_for) {
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  watcher_->watch_for_bytes(*c, true);
  ASSERT_EQ(::send(peer.get(), "x", 1, 0), 1);
  EXPECT_TRUE(soon([&] { return bytes_ == 1; }));
  watcher_->watch_for_bytes(*c, false);
  ASSERT_EQ(::send(peer.get(), "x", 1, 0), 1);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(bytes_, 1);
  EXPECT_FALSE(c->has_peer_closed());
  watcher_->stop();
}

TEST_F(watcher_test, an_end_of_our_own_is_not_taken_for_the_peers) {
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  c->shut_down("by us");
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  EXPECT_FALSE(c->has_peer_closed());
  watcher_->stop();
}

TEST_F(watcher_test, what_is_removed_is_nobodys) {
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  watcher_->remove(*c);
  EXPECT_EQ(watcher_->size(), 0U);
  ::shutdown(peer.get(), SHUT_WR);
  c->set_deadline(clock::now());
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(closed_, 0);
  EXPECT_FALSE(c->is_shut_down());
  watcher_->stop();
}

TEST_F(watcher_test, waits_until_everybody_has_stopped) {
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  watcher_->start();
  watcher_->stop();
  watcher_->stop();
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  ::shutdown(peer.get(), SHUT_WR);
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  watcher_->stop();
}

TEST_F(watcher_test, an_operation_past_its_deadline_ends_even_when_nobody_started) {
  fd peer;
  fd other_peer;
  const auto late = connect(peer);
  const auto in_time = connect(other_peer);
  ASSERT_TRUE(watcher_->add(late, told_));
  ASSERT_TRUE(watcher_->add(in_time, told_));
  in_time->set_deadline(clock::now() + 1h);
  late->set_deadline(clock::now() + 50ms);
  EXPECT_FALSE(late->is_shut_down());
  EXPECT_TRUE(soon([&] { return late->is_shut_down(); }));
  EXPECT_TRUE(soon([&] { return late->why_shut_down()->what == "the deadline passed"; }));
  EXPECT_FALSE(in_time->is_shut_down());
  in_time->set_deadline(clock::now());
  EXPECT_TRUE(soon([&] { return in_time->is_shut_down(); }));
}

TEST_F(watcher_test, deadlines_that_nobody_waits_for_any_more_wake_nobody) {
  const auto timer = per_executor<shared_timer>::of(io_.executor()).value();
  fd peer;
  const auto c = connect(peer);
  watcher_->start();
  ASSERT_TRUE(watcher_->add(c, told_));
  for (int i = 0; i < 1000; ++i) {
    c->set_deadline(clock::now() + 100ms);
    c->set_deadline(time_point::max());
  }
  std::this_thread::sleep_for(400ms);
  EXPECT_LE(timer->wake_ups(), 2U);
  EXPECT_FALSE(c->is_shut_down());
  watcher_->stop();
}

}  // namespace
}  // namespace waitstate::client
