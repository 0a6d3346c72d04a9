#include "waitstate/client/core/handle_pool.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// A library of the simplest kind: its handle is a socket.
class handle_pool_test : public testing::Test {
 protected:
  handle_pool<int> open(const endpoint& to, pool_limits limits = {}, reclaim_policy reclaim = {}) {
    handle_functions<int> by;
    by.make = [this, port = to.port](time_point) -> result<int> {
      ++made_;
      const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in at{};
      at.sin_family = AF_INET;
      at.sin_port = htons(port);
      at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (::connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0) return s;
      const int why = errno;
      ::close(s);
      return failure(from_errno(why, "connect"));
    };
    by.check = [this](int&) {
      ++checked_;
      return is_well_.load();
    };
    by.reset = [this](int&) { return is_clean_.load(); };
    by.close = [this](int& s) {
      ++closed_;
      ::close(s);
    };
    by.descriptor = [](int& s) { return s; };
    handle_pool_settings settings{.to = to, .limits = limits, .reclaim = reclaim};
    settings.check_every = check_every_;
    settings.reclaimed = [this](const ledger_entry& e, reclaim_reason why) {
      const std::scoped_lock held(lock_);
      told_ = to_string(e) + " " + std::string(to_string(why));
    };
    return {by, settings};
  }

  std::atomic<int> made_{0};
  std::atomic<int> closed_{0};
  std::atomic<int> checked_{0};
  std::atomic<bool> is_well_{true};
  std::atomic<bool> is_clean_{true};
  duration check_every_ = 30s;
  std::mutex lock_;
  std::string told_;
};

TEST_F(handle_pool_test, makes_few_handles_for_many_uses_by_many_threads) {
  const test_server server(test_server::echo);
  const auto handles = open(server.at(), {.connections_max = 4});
  std::atomic<int> answered{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const auto handle = handles.acquire(10s);
        ASSERT_TRUE(handle) << handle.error().what;
        char byte = 'x';
        if (::write(**handle, &byte, 1) == 1 && ::read(**handle, &byte, 1) == 1) ++answered;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(answered, 1600);
  EXPECT_LE(made_, 4);
  EXPECT_EQ(handles.metrics().leased, 0U);
  EXPECT_EQ(handles.metrics().counts.leases, 1600U);
}

TEST_F(handle_pool_test, closes_each_handle_once) {
  const test_server server(test_server::echo);
  {
    const auto handles = open(server.at());
    auto kept = handles.acquire(1s).value();
    auto dropped = handles.acquire(1s).value();
    dropped.drop();
    EXPECT_EQ(closed_, 1);
    is_clean_ = false;
    kept.give_back();
    EXPECT_EQ(closed_, 2) << "reset says that it is not clean";
    is_clean_ = true;
    handles.acquire(1s).value().give_back();
    EXPECT_EQ(closed_, 2);
  }
  EXPECT_EQ(made_, 3);
  EXPECT_EQ(closed_, 3);
}

TEST_F(handle_pool_test, an_end_from_the_server_closes_an_idle_handle_without_a_call) {
  std::atomic<bool> ends{false};
  const test_server server([&](int) {
    while (!ends) std::this_thread::sleep_for(1ms);
  });
  const auto handles = open(server.at());
  handles.acquire(1s).value().give_back();
  EXPECT_EQ(handles.metrics().idle, 1U);
  ends = true;
  EXPECT_TRUE(soon([&] { return closed_ == 1; })) << "else it stays in CLOSE-WAIT";
  EXPECT_EQ(handles.metrics().connections, 0U);
}

TEST_F(handle_pool_test, a_leaked_lease_is_taken_back_once_the_server_has_closed) {
  std::atomic<bool> ends{false};
  std::atomic<bool> is_first{true};
  const test_server server([&](int socket) {
    if (is_first.exchange(false)) {
      while (!ends) std::this_thread::sleep_for(1ms);
      ::shutdown(socket, SHUT_WR);
    }
    test_server::read_to_end(socket);
  });
  const auto handles = open(server.at(), {.connections_max = 1}, {.after_peer_closed = 300ms});
  auto leaked = handles.acquire(1s).value();
  EXPECT_EQ(handles.acquire(50ms).error().phase, call_phase::wait);
  ASSERT_EQ(handles.leases().size(), 1U);
  EXPECT_FALSE(handles.leases()[0].peer_closed);
  ends = true;
  const auto next = handles.acquire(5s);
  ASSERT_TRUE(next) << next.error().what;
  EXPECT_TRUE(leaked.is_reclaimed());
  EXPECT_EQ(closed_, 0) << "the descriptor is the holder's until it lets go";
  leaked.give_back();
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  EXPECT_EQ(handles.metrics().counts.late_returns, 1U);
  EXPECT_TRUE(soon([&] {
    const std::scoped_lock held(lock_);
    return told_.find("handle_pool_test.cpp") != told_.npos;
  }));
}

TEST_F(handle_pool_test, an_order_ends_what_a_holder_waits_for) {
  const test_server server(test_server::read_to_end);
  const auto handles = open(server.at(), {.connections_max = 1});
  const auto held = handles.acquire(1s).value();
  std::jthread waits([&] {
    char byte = 0;
    EXPECT_LE(::read(*held, &byte, 1), 0);
  });
  EXPECT_TRUE(handles.reclaim(handles.leases().at(0).id));
  waits.join();
  EXPECT_FALSE(handles.reclaim(held.id()));
}

TEST_F(handle_pool_test, asks_the_idle_ones_and_closes_those_that_are_not_well) {
  const test_server server(test_server::read_to_end);
  check_every_ = 100ms;
  const auto handles = open(server.at());
  handles.acquire(1s).value().give_back();
  EXPECT_TRUE(soon([&] { return checked_ >= 2; }));
  EXPECT_EQ(closed_, 0);
  is_well_ = false;
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  EXPECT_EQ(handles.metrics().counts.checks_failed, 1U);
}

TEST_F(handle_pool_test, keeps_handles_ready_also_when_the_server_comes_back) {
  std::optional<test_server> server(std::in_place, test_server::read_to_end);
  const auto at = server->at();
  const auto handles = open(at, {.connections_max = 4, .idle_min = 2});
  EXPECT_TRUE(soon([&] { return handles.metrics().idle == 2; })) << "before anybody asks";
  server.reset();
  EXPECT_TRUE(soon([&] { return handles.metrics().idle == 0; }));
  server.emplace(test_server::read_to_end, at.port);
  EXPECT_TRUE(soon([&] { return handles.metrics().idle == 2; }));
}

TEST_F(handle_pool_test, says_why_there_is_none) {
  endpoint gone;
  {
    const test_server server(test_server::echo);
    gone = server.at();
  }
  const auto handles = open(gone);
  const auto refused = handles.acquire(1s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "pool '" + to_string(gone) + "': connect: Connection refused");
  EXPECT_EQ(refused.error().phase, call_phase::connect);
  handle_functions<int> throws;
  throws.make = [](time_point) -> result<int> { throw std::runtime_error("not today"); };
  const handle_pool<int> never(throws, {.to = gone});
  EXPECT_EQ(never.acquire(1s).error().what, "pool '" + to_string(gone) + "': not today");
  throws.make = [](time_point) -> result<int> { throw 7; };
  const handle_pool<int> odd(throws, {.to = gone});
  EXPECT_EQ(odd.acquire(1s).error().what,
            "pool '" + to_string(gone) + "': it threw something that is no exception");
  handles.drain();
  EXPECT_EQ(handles.acquire(1s).error().code, errc::cancelled);
}

TEST_F(handle_pool_test, says_what_is_wrong_with_its_settings) {
  handle_functions<int> by;
  handle_pool_settings settings{.to = {.host = "10.0.0.7", .port = 5432}};
  EXPECT_EQ(handle_pool<int>::make(by, settings).error().code, errc::invalid_input);
  by.make = [](time_point) -> result<int> { return 7; };
  for (const std::uint32_t most : {0U, 65'537U}) {
    settings.limits.connections_max = most;
    const auto made = handle_pool<int>::make(by, settings);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::invalid_input);
    EXPECT_NE(made.error().what.find("10.0.0.7:5432"), std::string::npos) << made.error().what;
  }
  settings.limits.connections_max = 1;
  const auto made = handle_pool<int>::make(by, settings);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->acquire(1s));
}

TEST_F(handle_pool_test, a_server_that_hangs_up_at_once_is_asked_three_times) {
  const test_server server([](int) {});
  const auto handles = open(server.at());
  const auto began = clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto got = handles.acquire(500ms);
    if (got) continue;  // its end has not come yet
    EXPECT_LT(clock::now() - began, 5s);
  }
  EXPECT_LE(made_, 15);
}

}  // namespace
}  // namespace waitstate::client
