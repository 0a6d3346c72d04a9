// Calls that share connections: the cluster picks and judges, somebody else connects.
#include <atomic>
#include <map>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class cluster_shared_test : public testing::Test {
 protected:
  void TearDown() override {
    made_->stop();
    made_.reset();
    io_.stop();
  }

  void make(std::vector<weighted_endpoint> servers) {
    cluster_settings settings{.name = "x", .random = seeded_random(7)};
    made_ = cluster::make(io_.executor(), static_source(std::move(servers)), settings).value();
    io_.spawn(made_->run());
  }

  result<endpoint> call(const std::function<task<endpoint>(attempt*)>& operation) {
    const call_options options{.deadline = clock::now() + 5s};
    return io_.await(made_->call_shared<endpoint>(options, operation));
  }

  test_io io_{2};
  std::shared_ptr<cluster> made_;
};

task<endpoint> name_server(attempt* a) {
  EXPECT_EQ(a->over, nullptr);
  co_return a->to;
}

task<endpoint> refuse_at(attempt* a, endpoint bad) {
  if (a->to != bad) co_return a->to;
  a->refused = true;
  a->outcome = call_outcome::unknown;
  co_return failure({.code = errc::unavailable, .what = "busy", .hint = {}});
}

task<endpoint> find_no_connection(attempt* a, std::atomic<int>* tries) {
  ++*tries;
  a->bytes_written = false;
  co_return failure({.code = errc::unavailable, .what = "refused", .hint = {}});
}

TEST_F(cluster_shared_test, calls_go_to_all_servers_without_a_connection) {
  make({{{.host = "10.0.0.1", .port = 1}}, {{.host = "10.0.0.2", .port = 1}}});
  std::map<endpoint, int> calls;
  for (int i = 0; i < 100; ++i) ++calls[call(name_server).value()];
  EXPECT_EQ(calls.size(), 2U);
  EXPECT_EQ(made_->metrics().calls, 100U);
  EXPECT_EQ(made_->metrics().connections, 0U);
  EXPECT_EQ(made_->metrics().endpoints[0].pending, 0U);
}

TEST_F(cluster_shared_test, a_refused_call_goes_elsewhere_and_ejects_nobody) {
  const endpoint bad{.host = "10.0.0.1", .port = 1};
  const endpoint good{.host = "10.0.0.2", .port = 1};
  make({{bad}, {good}});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(call([bad](attempt* a) { return refuse_at(a, bad); }).value(), good);
  }
  EXPECT_GT(made_->metrics().retries, 0U);
  EXPECT_EQ(made_->metrics().ejections, 0U);
}

TEST_F(cluster_shared_test, the_only_server_is_not_tried_again_when_it_cannot_be_reached) {
  make({{{.host = "10.0.0.1", .port = 1}}});
  std::atomic<int> tries{0};
  EXPECT_FALSE(call([&tries](attempt* a) { return find_no_connection(a, &tries); }));
  EXPECT_EQ(tries, 1);
}

TEST_F(cluster_shared_test, a_connection_is_leased_at_the_server_that_is_named) {
  const test_server server(test_server::read_to_end);
  make({{server.at()}});
  const acquire_options soon{.deadline = clock::now() + 5s};
  const auto got = io_.await(made_->lease_at(server.at(), soon));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ((*got)->remote(), server.at());
  const endpoint stranger{.host = "10.0.0.9", .port = 9};
  const auto none = io_.await(made_->lease_at(stranger, soon));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::not_found);
  EXPECT_EQ(none.error().what, "cluster 'x': no server '10.0.0.9:9' in it");
}

}  // namespace
}  // namespace waitstate::client
