// A name with several addresses is one server.
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/write.hpp>

#include "deaf_listener.h"
#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/dns_source.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// Sends a byte and waits for it to come back: the port where it was answered.
task<std::uint16_t> echo_once(attempt* a) {
  auto& over = **a->over;
  char byte = 'x';
  const auto [unsent, sent] = co_await asio::async_write(over, asio::buffer(&byte, 1), as_value);
  if (unsent) co_return failure(from_code(unsent, "write"));
  const auto [unread, got] = co_await over.async_read_some(asio::buffer(&byte, 1), as_value);
  if (unread) co_return failure(from_code(unread, "read"));
  a->response_byte_seen = true;
  a->over->keep();
  sockaddr_in to{};
  socklen_t size = sizeof(to);
  ::getpeername(over.native_handle(), reinterpret_cast<sockaddr*>(&to), &size);
  co_return ntohs(to.sin_port);
}

class cluster_names_test : public testing::Test {
 protected:
  void TearDown() override {
    if (made_) made_->stop();
    made_.reset();
    io_.stop();
  }

  /// The name "search", which has these addresses.
  void open(std::vector<endpoint> addresses) {
    list(std::move(addresses));
    dns_settings dns{.host = "search", .port = 80, .refresh = 20ms, .retry = 5ms};
    dns.resolve = [known = known_](std::string, std::uint16_t) -> task<std::vector<endpoint>> {
      return answer(known);
    };
    made_ = cluster::make(io_.executor(), dns_source(io_.executor(), std::move(dns)), {}).value();
    io_.spawn(made_->run());
  }
  void list(std::vector<endpoint> addresses) {
    const std::scoped_lock held(known_->lock);
    known_->addresses = std::move(addresses);
  }
  result<std::uint16_t> echo(duration within = 5s) {
    const call_options options{.deadline = within, .idempotent = true};
    return io_.await(made_->call<std::uint16_t>(options, echo_once));
  }
  result<cluster_lease> acquire() { return io_.await(made_->acquire({.deadline = 5s})); }

  struct names {
    std::mutex lock;
    std::vector<endpoint> addresses;
  };
  static task<std::vector<endpoint>> answer(std::shared_ptr<names> known) {
    const std::scoped_lock held(known->lock);
    co_return known->addresses;
  }

  test_io io_;
  std::shared_ptr<names> known_ = std::make_shared<names>();
  std::shared_ptr<cluster> made_;
};

TEST_F(cluster_names_test, are_one_server_and_a_dead_address_costs_a_quarter_of_a_second_once) {
  const deaf_listener deaf;
  const test_server server(test_server::echo);
  open({deaf.at(), server.at()});
  const auto began = clock::now();
  for (int i = 0; i < 10; ++i) {
    const auto got = echo(1s);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(*got, server.at().port);
    made_->rebuild();  // a new connection for the next one
  }
  EXPECT_LT(clock::now() - began, 2s);
  const auto seen = made_->metrics();
  ASSERT_EQ(seen.endpoints.size(), 1U);
  EXPECT_EQ(to_string(seen.endpoints[0].to), "search:80");
  EXPECT_EQ(seen.ejections, 0U);
  EXPECT_EQ(seen.retries, 0U);
}

TEST_F(cluster_names_test, are_not_ejected_for_an_address_that_refuses) {
  endpoint nobody;
  {
    const test_server gone(test_server::read_to_end);
    nobody = gone.at();
  }
  const test_server server(test_server::echo);
  open({nobody, server.at()});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(echo());
    made_->rebuild();
  }
  const auto seen = made_->metrics();
  EXPECT_EQ(seen.ejections, 0U);
  EXPECT_EQ(seen.endpoints.at(0).counts.dial_failures, 0U);
}

TEST_F(cluster_names_test, have_their_connections_spread_over_their_addresses) {
  const test_server one(test_server::echo);
  const test_server other(test_server::echo);
  open({one.at(), other.at()});
  std::vector<cluster_lease> held;
  for (int i = 0; i < 4; ++i) held.push_back(acquire().value());
  EXPECT_TRUE(soon([&] { return one.accepted() == 2 && other.accepted() == 2; }));
}

TEST_F(cluster_names_test, that_move_take_their_connections_with_them) {
  const test_server old(test_server::echo);
  const test_server stays(test_server::echo);
  const test_server fresh(test_server::echo);
  open({old.at(), stays.at()});
  std::vector<cluster_lease> held;
  for (int i = 0; i < 2; ++i) held.push_back(acquire().value());
  for (auto& lease : held) lease.over().keep();
  held.clear();
  EXPECT_EQ(made_->metrics().endpoints.at(0).idle, 2U);
  list({stays.at(), fresh.at()});
  EXPECT_TRUE(soon([&] { return made_->metrics().endpoints.at(0).idle == 1; }));
  EXPECT_EQ(*echo(), stays.at().port) << "what stays is kept";

  // One that is leased meanwhile is not kept when it comes back.
  auto leased = acquire().value();
  list({fresh.at()});
  EXPECT_TRUE(soon([&] { return made_->endpoints().endpoints.at(0).addresses.size() == 1; }));
  leased.over().keep();
  leased = {};
  EXPECT_EQ(*echo(), fresh.at().port);
  EXPECT_EQ(made_->metrics().ejections, 0U);
}

}  // namespace
}  // namespace waitstate::client
