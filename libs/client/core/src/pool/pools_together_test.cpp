// What many pools on one executor share: a thread, an epoll set, a timer that sleeps.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "net/per_executor.h"
#include "net/shared_timer.h"
#include "test_io.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/pool.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t many = 500;

std::size_t entries_of(const char* folder) {
  return static_cast<std::size_t>(std::ranges::distance(std::filesystem::directory_iterator(folder),
                                                        std::filesystem::directory_iterator()));
}

std::size_t open_descriptors() {
  return entries_of("/proc/self/fd");
}

duration cpu_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

/// Takes connections without a thread or a descriptor for each: nobody accepts them.
class backlog {
 public:
  backlog() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 2 * many), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }

  [[nodiscard]] endpoint at() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  fd listener_;
  std::uint16_t port_ = 0;
};

class pools_together_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& p : pools_) p->stop();
    pools_.clear();
    io_.stop();
  }

  void make(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      pools_.push_back(pool::make(io_.executor(), server_.at(), {}, room_).value());
      io_.spawn(pools_.back()->run());
    }
  }

  void connect_all() {
    for (const auto& p : pools_) {
      if (p->metrics().idle == 0) p->prewarm(1);
    }
    ASSERT_TRUE(soon([this] {
      return std::ranges::all_of(pools_, [](const auto& p) { return p->metrics().idle == 1; });
    }));
    std::this_thread::sleep_for(500ms);  // they are all watched by now
  }

  /// Wake-ups of the timer and CPU time in a second.
  std::pair<std::uint64_t, duration> cost_of_a_second() {
    const auto before = timer_->wake_ups();
    const auto used = cpu_time();
    std::this_thread::sleep_for(1s);
    return {timer_->wake_ups() - before, cpu_time() - used};
  }

  const backlog server_;
  capacity room_;
  test_io io_{1};
  const std::shared_ptr<shared_timer> timer_ =
      per_executor<shared_timer>::of(io_.executor()).value();
  std::vector<std::shared_ptr<pool>> pools_;
};

TEST_F(pools_together_test, have_the_threads_and_descriptors_of_one) {
  make(1);
  connect_all();
  const auto threads = entries_of("/proc/self/task");
  const auto descriptors = open_descriptors();
  make(many - 1);
  EXPECT_EQ(open_descriptors(), descriptors);
  connect_all();
  EXPECT_EQ(entries_of("/proc/self/task"), threads);
  EXPECT_EQ(open_descriptors(), descriptors + many - 1) << "a socket each";
}

TEST_F(pools_together_test, sleep_while_nothing_waits) {
  make(many);
  std::this_thread::sleep_for(300ms);
  const auto [empty, cpu_of_empty] = cost_of_a_second();
  EXPECT_EQ(empty, 0U);
  EXPECT_LT(cpu_of_empty, 20ms);
  connect_all();
  const auto [idle, cpu_of_idle] = cost_of_a_second();
  EXPECT_EQ(idle, 0U);
  EXPECT_LT(cpu_of_idle, 20ms);
}

TEST_F(pools_together_test, of_clusters_sleep_while_every_server_is_well) {
  std::vector<std::shared_ptr<cluster>> clusters;
  for (std::size_t i = 0; i < many; ++i) {
    clusters.push_back(
        cluster::make(io_.executor(), static_source({{.at = server_.at()}}), {}).value());
    io_.spawn(clusters.back()->run());
  }
  std::this_thread::sleep_for(300ms);
  const auto [wake_ups, cpu] = cost_of_a_second();
  EXPECT_EQ(wake_ups, 0U);
  EXPECT_LT(cpu, 20ms);
  for (const auto& c : clusters) c->stop();
}

TEST_F(pools_together_test, keep_house_and_deadlines_by_the_wake_ups_of_one) {
  make(many);
  connect_all();
  std::vector<lease> out;
  for (const auto& p : pools_) {
    out.push_back(p->take_idle({.deadline = clock::now() + 1h}));
    ASSERT_TRUE(out.back());
    out.back()->set_deadline(clock::now() + 1h);
  }
  const auto [wake_ups, cpu] = cost_of_a_second();
  EXPECT_GE(wake_ups, 3U) << "leases are looked at";
  EXPECT_LE(wake_ups, 7U);
  EXPECT_LT(cpu, 100ms);
  for (auto& one : out) one->set_deadline(clock::now());
  EXPECT_TRUE(soon([&] {
    return std::ranges::all_of(out, [](const auto& one) { return one->is_shut_down(); });
  }));
}

TEST_F(pools_together_test, end_in_any_order) {
  const auto before = open_descriptors();
  make(9);
  connect_all();
  auto kept = pools_[4];
  for (const std::size_t at : {8U, 0U, 3U, 7U, 1U, 6U, 2U, 5U}) pools_[at]->stop();
  pools_.clear();
  // What is left is looked after as before.
  auto last = kept->take_idle({.deadline = clock::now() + 1h});
  ASSERT_TRUE(last);
  last->set_deadline(clock::now() + 50ms);
  EXPECT_TRUE(soon([&] { return last->is_shut_down(); }));
  kept->stop();
  last = {};
  kept.reset();
  EXPECT_TRUE(soon([&] { return open_descriptors() == before; }));
}

TEST(pools_apart_test, that_have_stopped_leave_their_executor_nothing_to_do) {
  const backlog server;
  asio::io_context io;
  capacity room;
  std::vector<std::shared_ptr<pool>> pools;
  for (int i = 0; i < 3; ++i) {
    pools.push_back(pool::make(io.get_executor(), server.at(), {}, room).value());
    asio::co_spawn(io, pools.back()->run(), asio::detached);
    pools.back()->prewarm(1);
  }
  const auto is_idle = [](const auto& p) { return p->metrics().idle == 1; };
  while (!std::ranges::all_of(pools, is_idle)) io.run_one();
  {
    auto over = pools[1]->take_idle({.deadline = clock::now() + 1h});
    ASSERT_TRUE(over);
    over->set_deadline(clock::now() + 1h);
    for (const auto& p : pools) p->stop();
    io.run_for(100ms);
    EXPECT_FALSE(io.stopped()) << "the operation has a deadline";
  }
  const auto began = clock::now();
  io.run_for(20s);
  EXPECT_TRUE(io.stopped());
  EXPECT_LT(clock::now() - began, 10s);
}

}  // namespace
}  // namespace waitstate::client
