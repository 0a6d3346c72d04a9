#include "zookeeper_wakeup.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class zookeeper_wakeup_test : public testing::Test {
 protected:
  void wait_until(time_point at) { asio::co_spawn(turn_, waiting(this, at), asio::detached); }

  static asio::awaitable<void> waiting(zookeeper_wakeup_test* self, time_point at) {
    co_await self->wakeup_.wait_until(at);
    ++self->woken_;
  }

  asio::io_context io_;
  asio::strand<asio::any_io_executor> turn_{io_.get_executor()};
  zookeeper_wakeup wakeup_{turn_};
  int woken_ = 0;
};

TEST_F(zookeeper_wakeup_test, a_poke_ends_the_wait) {
  wait_until(clock::now() + 1h);
  io_.poll();
  EXPECT_EQ(woken_, 0);
  asio::post(turn_, [this] { wakeup_.poke(); });
  io_.run();
  EXPECT_EQ(woken_, 1);
}

TEST_F(zookeeper_wakeup_test, a_poke_while_nobody_waits_is_kept_for_the_next_wait_alone) {
  wakeup_.poke();
  wakeup_.poke();
  wait_until(clock::now() + 1h);
  io_.run();
  EXPECT_EQ(woken_, 1);
  io_.restart();
  wait_until(clock::now() + 1h);
  io_.poll();
  EXPECT_EQ(woken_, 1);
  wakeup_.poke();
  io_.run();
  EXPECT_EQ(woken_, 2);
}

TEST_F(zookeeper_wakeup_test, the_time_ends_the_wait) {
  const auto at = clock::now() + 20ms;
  wait_until(at);
  io_.run();
  EXPECT_EQ(woken_, 1);
  EXPECT_GE(clock::now(), at);
}

}  // namespace
}  // namespace waitstate::client
