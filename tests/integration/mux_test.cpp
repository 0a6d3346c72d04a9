// ThriftMux against a server that speaks it as Finagle's do.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "echo_service.h"
#include "tests/integration/thrift/thrift_servers.h"
#include "waitstate/client.h"
#include "waitstate/client/thrift.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;
using namespace std::chrono_literals;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TTransportException;
using client::clock;

struct caller {
  caller(client::io_threads& with, const std::shared_ptr<client::thrift_caller>& over,
         client::duration limit = 10s, bool is_idempotent = false)
      : transport(std::make_shared<client::thrift_transport>(
            with, over,
            client::thrift_transport_settings{.call_time_max = limit,
                                              .is_idempotent = is_idempotent})),
        service(std::make_shared<TBinaryProtocol>(transport)) {}

  std::shared_ptr<client::thrift_transport> transport;
  echo_serviceClient service;
};

class mux_test : public testing::Test {
 protected:
  ~mux_test() override {
    if (channel_) channel_->close();
  }

  std::shared_ptr<client::mux_channel> channel(const std::vector<const thrift_server*>& servers,
                                               client::mux_settings how = {}) {
    client::cluster_settings settings{.name = "echo"};
    settings.pool = client::mux_channel::greeted(settings.pool);
    std::vector<client::weighted_endpoint> endpoints;
    for (const auto* const s : servers) endpoints.push_back({s->at()});
    cluster_ = with_.make_cluster(client::static_source(endpoints), settings).value();
    channel_ = client::mux_channel::make(cluster_, how).value();
    return channel_;
  }

  [[nodiscard]] std::uint64_t dials() const {
    std::uint64_t sum = 0;
    for (const auto& e : cluster_->metrics().endpoints) sum += e.counts.dials;
    return sum;
  }

  void spawn(client::task<int> what) {
    boost::asio::co_spawn(with_.executor(), std::move(what), boost::asio::detached);
  }

  static bool soon(const std::function<bool()>& is_true) {
    const auto until = clock::now() + 10s;
    while (!is_true()) {
      if (clock::now() > until) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }

  temporary_folder folder_;
  client::io_threads with_;
  std::shared_ptr<client::cluster> cluster_;
  std::shared_ptr<client::mux_channel> channel_;
};

/// A Thrift call of wait_for(milliseconds).
std::string wait_message(std::int32_t milliseconds) {
  const auto kept = std::make_shared<apache::thrift::transport::TMemoryBuffer>();
  echo_serviceClient writer(std::make_shared<TBinaryProtocol>(kept));
  writer.send_wait_for(milliseconds);
  return kept->getBufferAsString();
}

client::task<int> count_one(std::shared_ptr<client::mux_channel> over, std::string message,
                            client::call_options options, std::atomic<int>* answered) {
  const auto reply = co_await over->call(std::move(message), options);
  if (reply) ++*answered;
  co_return 0;
}

TEST_F(mux_test, answers_a_generated_client) {
  const thrift_server server(server_kind::mux, "one", folder_);
  caller c(with_, channel({&server}, {.client_id = "test", .dest = "/s/echo"}));
  std::string answer;
  c.service.name(answer);
  EXPECT_EQ(answer, "one");
  EXPECT_THROW(c.service.add(-1, 0), echo_refused);
  const std::string large(3'000'000, 'x');
  c.service.echo(answer, large);
  EXPECT_EQ(answer, large);
  c.service.note("remember");
  EXPECT_EQ(c.service.notes(), 1) << "Mux answers oneway calls too";
}

TEST_F(mux_test, carries_a_thousand_calls_at_once_over_one_connection) {
  const thrift_server server(server_kind::mux, "one", folder_);
  const auto over = channel({&server});
  std::atomic<int> answered{0};
  const auto message = wait_message(300);
  const client::call_options options{.deadline = clock::now() + 20s};
  const auto began = clock::now();
  for (int i = 0; i < 1000; ++i) spawn(count_one(over, message, options, &answered));
  EXPECT_TRUE(soon([&] { return answered == 1000; })) << answered;
  EXPECT_LT(clock::now() - began, 10s) << "one after the other they take 300 s";
  EXPECT_EQ(dials(), 1U);
}

TEST_F(mux_test, a_refused_call_goes_to_another_server_though_it_is_not_idempotent) {
  const thrift_server refuses(server_kind::mux, "refuses", folder_, {"--nack-every", "2"});
  const thrift_server serves(server_kind::mux, "serves", folder_);
  caller c(with_, channel({&refuses, &serves}));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(c.service.add(i, 1), i + 1);
  EXPECT_GT(cluster_->metrics().retries, 0U);
  EXPECT_EQ(cluster_->metrics().ejections, 1U) << "who refuses half of the calls gets none";
}

TEST_F(mux_test, a_server_that_drains_costs_no_call) {
  thrift_server drains(server_kind::mux, "drains", folder_);
  const thrift_server stays(server_kind::mux, "stays", folder_);
  const auto over = channel({&drains, &stays});
  std::atomic<int> answered{0};
  const auto message = wait_message(200);
  const client::call_options options{.deadline = clock::now() + 20s};
  for (int i = 0; i < 100; ++i) spawn(count_one(over, message, options, &answered));
  caller c(with_, over);
  EXPECT_EQ(c.service.add(1, 2), 3);
  ::kill(drains.process().pid(), SIGUSR1);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(c.service.add(i, 1), i + 1);
  EXPECT_TRUE(soon([&] { return answered == 100; })) << "what it had begun it finishes";
}

TEST_F(mux_test, a_connection_whose_pings_are_not_answered_is_replaced) {
  const thrift_server silent(server_kind::mux, "silent", folder_, {"--silent-pings"});
  caller c(with_, channel({&silent}, {.ping_every = 100ms, .ping_answer_max = 100ms}), 10s, true);
  EXPECT_EQ(c.service.add(1, 2), 3);
  EXPECT_TRUE(soon([&] {
    EXPECT_EQ(c.service.add(1, 2), 3);
    return dials() >= 3;
  }));
}

TEST_F(mux_test, a_call_past_its_deadline_is_discarded_and_disturbs_nobody) {
  const thrift_server server(server_kind::mux, "one", folder_);
  const auto over = channel({&server});
  caller hasty(with_, over, 100ms);
  for (int i = 0; i < 5; ++i) {
    try {
      hasty.service.wait_for(500);
      ADD_FAILURE() << "it did not fail";
    } catch (const TTransportException& e) {
      EXPECT_EQ(e.getType(), TTransportException::TIMED_OUT) << e.what();
    }
  }
  caller c(with_, over);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(c.service.add(i, 1), i + 1);
  EXPECT_EQ(c.service.wait_for(600), 600) << "the late replies come meanwhile";
  EXPECT_EQ(dials(), 1U);
}

TEST_F(mux_test, a_server_that_speaks_only_thrift_is_named) {
  const thrift_server plain(server_kind::plain, "plain", folder_);
  caller c(with_, channel({&plain}, {.connect_time_max = 4s}));
  try {
    c.service.add(1, 2);
    ADD_FAILURE() << "it did not fail";
  } catch (const TTransportException& e) {
    EXPECT_EQ(e.getType(), TTransportException::NOT_OPEN);
    EXPECT_NE(std::string(e.what()).find("Mux handshake"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace waitstate::integration_test
