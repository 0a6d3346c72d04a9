#include "waitstate/client/core/handle_cluster.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// A library of the simplest kind: its handle is a socket.
handle_functions<int> sockets_to(const endpoint& to) {
  handle_functions<int> by;
  by.make = [port = to.port](time_point) -> result<int> {
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
  by.close = [](int& s) { ::close(s); };
  by.descriptor = [](int& s) { return s; };
  return by;
}

class handle_cluster_test : public testing::Test {
 protected:
  static handle_cluster<int> over(const std::vector<endpoint>& servers, pool_limits limits = {}) {
    handle_cluster_settings settings{.pool = {.limits = limits}, .random = seeded_random(7)};
    settings.failures.connect_dead_first = 100ms;
    settings.failures.connect_dead_max = 200ms;
    settings.failures.dead_first = 1h;
    return handle_cluster<int>::make(servers, sockets_to, settings).value();
  }
  static endpoint nobody() {
    const test_server gone(test_server::read_to_end);
    return gone.at();
  }

  const test_server one_{test_server::read_to_end};
  const test_server other_{test_server::read_to_end};
};

TEST_F(handle_cluster_test, spreads_uses_over_servers_and_keeps_their_handles) {
  const auto all = over({one_.at(), other_.at()});
  std::map<std::string, int> uses;
  for (int i = 0; i < 100; ++i) {
    auto got = all.acquire(1s);
    ASSERT_TRUE(got);
    ++uses[to_string(got->to())];
    got->done(true);
  }
  EXPECT_GT(uses[to_string(one_.at())], 20);
  EXPECT_GT(uses[to_string(other_.at())], 20);
  EXPECT_TRUE(soon([&] { return one_.accepted() + other_.accepted() == 2; }));
}

TEST_F(handle_cluster_test, one_that_cannot_be_reached_costs_nobody_a_handle_and_comes_back) {
  const auto lost = nobody();
  const auto all = over({lost, one_.at()});
  for (int i = 0; i < 20; ++i) {
    auto got = all.acquire(1s);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->to(), one_.at());
    got->done(true);
  }
  EXPECT_EQ(all.metrics()[0].state, health::dead);
  EXPECT_LT(all.metrics()[0].handles.counts.dials, 10U) << "it is left alone for a while";

  const test_server back(test_server::read_to_end, lost.port);
  bool is_back = false;
  for (const auto until = clock::now() + 5s; !is_back && clock::now() < until;) {
    auto got = all.acquire(1s);
    ASSERT_TRUE(got);
    is_back = got->to() == lost;
    got->done(true);
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_TRUE(is_back);
  EXPECT_EQ(all.metrics()[0].state, health::alive);
}

TEST_F(handle_cluster_test, a_server_that_does_not_do_its_work_gets_nothing_more) {
  const auto all = over({one_.at(), other_.at()});
  for (int i = 0; i < 60; ++i) {
    auto got = all.acquire(1s);
    ASSERT_TRUE(got);
    got->done(got->to() == other_.at());
  }
  EXPECT_EQ(all.metrics()[0].state, health::dead);
  EXPECT_EQ(all.metrics()[0].handles.idle, 0U) << "what failed is not kept";
  EXPECT_EQ(all.metrics()[1].state, health::alive);
}

TEST_F(handle_cluster_test, a_pool_that_is_used_up_sends_whoever_waits_to_another_server) {
  const auto all = over({one_.at(), other_.at()}, {.connections_max = 1});
  auto first = all.acquire(1s);
  auto second = all.acquire(1s);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->to(), second->to());
  EXPECT_EQ(all.leases().size(), 2U);
  const auto began = clock::now();
  const auto third = all.acquire(200ms);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, errc::timed_out);
  EXPECT_GE(clock::now() - began, 200ms);
  for (const auto& server : all.metrics()) EXPECT_EQ(server.state, health::alive);
}

TEST_F(handle_cluster_test, says_what_the_last_server_said_when_none_can_be_reached) {
  const auto all = over({nobody(), nobody()});
  const auto got = all.acquire(1s);
  ASSERT_FALSE(got);
  EXPECT_TRUE(is_unavailable(got.error().code));
  EXPECT_NE(got.error().what.find("Connection refused"), std::string::npos) << got.error().what;
}

TEST_F(handle_cluster_test, wants_a_server) {
  EXPECT_FALSE(handle_cluster<int>::make({}, sockets_to, {}));
}

}  // namespace
}  // namespace waitstate::client
