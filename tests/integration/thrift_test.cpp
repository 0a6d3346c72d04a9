// Thrift calls to real servers: Apache's in C++ and in Python, and one that answers as Finagle's
// do.
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>

#include "echo_service.h"
#include "tests/integration/thrift/thrift_servers.h"
#include "waitstate/client.h"
#include "waitstate/client/thrift.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;
using namespace std::chrono_literals;
using apache::thrift::TApplicationException;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TTransportException;
using client::call_options;
using client::clock;
using client::cluster;
using client::cluster_settings;
using client::static_source;
using client::thrift_caller;
using client::thrift_channel;
using client::thrift_settings;
using client::thrift_transport;
using client::thrift_transport_settings;
using client::twitter_request_header;
using client::weighted_endpoint;

/// A generated client over a transport of its own.
struct caller {
  caller(client::io_threads& with, const std::shared_ptr<thrift_caller>& over,
         thrift_transport_settings settings = {.call_time_max = 10s})
      : transport(std::make_shared<thrift_transport>(with, over, settings)),
        service(std::make_shared<TBinaryProtocol>(transport)) {}

  std::shared_ptr<thrift_transport> transport;
  echo_serviceClient service;
};

class thrift_test : public testing::Test {
 protected:
  std::shared_ptr<thrift_channel> channel(const std::vector<const thrift_server*>& servers,
                                          thrift_settings how = {},
                                          cluster_settings settings = {}) {
    settings.name = "echo";
    settings.pool = thrift_channel::greeted(settings.pool, how);
    std::vector<weighted_endpoint> endpoints;
    for (const auto* const s : servers) endpoints.push_back({s->at()});
    cluster_ = with_.make_cluster(static_source(endpoints), settings).value();
    return thrift_channel::make(cluster_, how);
  }

  [[nodiscard]] std::uint64_t dials() const {
    std::uint64_t sum = 0;
    for (const auto& e : cluster_->metrics().endpoints) sum += e.counts.dials;
    return sum;
  }

  template <class Call>
  static TTransportException::TTransportExceptionType kind_of_failure(Call call) {
    try {
      call();
    } catch (const TTransportException& e) {
      last_text_ = e.what();
      return e.getType();
    }
    ADD_FAILURE() << "it did not fail";
    return TTransportException::UNKNOWN;
  }

  temporary_folder folder_;
  client::io_threads with_;
  std::shared_ptr<cluster> cluster_;
  static inline std::string last_text_;
};

/// What every kind of server has to answer alike.
void expect_all_answers(echo_serviceClient& service, const std::string& name) {
  std::string answer;
  service.name(answer);
  EXPECT_EQ(answer, name);
  const std::string bytes("\0\xff frame", 8);
  service.echo(answer, bytes);
  EXPECT_EQ(answer, bytes);
  EXPECT_EQ(service.add(2, 40), 42);
  try {
    service.add(-1, 0);
    ADD_FAILURE() << "a declared exception is thrown";
  } catch (const echo_refused& refused) {
    EXPECT_EQ(refused.why, "less than nothing");
  }
  EXPECT_THROW(service.fail(), TApplicationException);
  for (int i = 0; i < 3; ++i) service.note("remember this");
  // One connection at a time, but oneway calls of the three may still be under way on others.
  const auto until = clock::now() + 5s;
  while (service.notes() < 3 && clock::now() < until) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(service.notes(), 3);
  const std::string large(3'000'000, 'x');
  service.echo(answer, large);
  EXPECT_EQ(answer, large);
}

class thrift_kinds_test : public thrift_test, public testing::WithParamInterface<server_kind> {};

TEST_P(thrift_kinds_test, answer_a_generated_client) {
  const thrift_server server(GetParam(), "one", folder_);
  caller c(with_, channel({&server}));
  expect_all_answers(c.service, "one");
  EXPECT_EQ(c.transport->last_call().to, server.at());
  EXPECT_EQ(dials(), 1U) << "one connection served all of it";
}

TEST_P(thrift_kinds_test, answer_many_callers_over_few_connections) {
  const thrift_server server(GetParam(), "one", folder_);
  const auto shared = channel({&server}, {}, {.pool = {.limits = {.connections_max = 4}}});
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      caller c(with_, shared);
      for (int turn = 0; turn < 1250; ++turn) right += c.service.add(i, turn) == i + turn ? 1 : 0;
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 10'000);
  EXPECT_LE(dials(), 4U);
}

INSTANTIATE_TEST_SUITE_P(thrift, thrift_kinds_test,
                         testing::Values(server_kind::plain, server_kind::python,
                                         server_kind::upgraded, server_kind::mux),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST_F(thrift_test, upgrade_is_asked_for_once_for_each_connection) {
  const thrift_server server(server_kind::upgraded, "one", folder_);
  std::atomic<int> headers{0};
  thrift_settings how{.client_id = "test"};
  how.fill_header = [&](twitter_request_header& header) {
    ++headers;
    EXPECT_EQ(header.client_id, "test");
    EXPECT_EQ(header.contexts.size(), 1U) << "the deadline";
  };
  caller c(with_, channel({&server}, how));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(c.service.add(i, 1), i + 1);
  EXPECT_EQ(headers, 10);
  EXPECT_EQ(dials(), 1U);
}

TEST_F(thrift_test, empty_frames_after_oneway_calls_disturb_nobody) {
  const thrift_server server(server_kind::upgraded, "one", folder_, {"--empty-frames"});
  caller c(with_, channel({&server}));
  expect_all_answers(c.service, "one");
  for (int i = 0; i < 100; ++i) {
    c.service.note("remember");
    EXPECT_EQ(c.service.add(i, 1), i + 1);
  }
}

TEST_F(thrift_test, compact_protocol_works_with_servers_that_hang_up_on_the_question) {
  // A server whose protocol is another one ends the connection when it is asked.
  const thrift_server server(server_kind::compact, "one", folder_);
  const auto over = channel({&server});
  const auto transport = std::make_shared<thrift_transport>(with_, over);
  echo_serviceClient service(
      std::make_shared<apache::thrift::protocol::TCompactProtocol>(transport));
  expect_all_answers(service, "one");
  EXPECT_EQ(cluster_->metrics().ejections, 0U);
}

TEST_F(thrift_test, killed_and_stopped_servers_cost_no_idempotent_call) {
  thrift_server killed(server_kind::plain, "killed", folder_);
  thrift_server stays(server_kind::plain, "stays", folder_);
  thrift_server ended(server_kind::upgraded, "ended", folder_);
  const auto over = channel({&killed, &stays, &ended});
  std::atomic<bool> stop{false};
  std::atomic<int> made{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      caller c(with_, over, {.call_time_max = 10s, .is_idempotent = true});
      while (!stop) {
        try {
          ++made;
          if (c.service.add(1, 2) != 3) ++failed;
        } catch (const std::exception& e) {
          ++failed;
          ADD_FAILURE() << e.what();
        }
      }
    });
  }
  const auto after = [&](int more) {
    const auto until = clock::now() + 20s;
    for (const int goal = made + more; made < goal && clock::now() < until;) {
      std::this_thread::sleep_for(1ms);
    }
  };
  after(2000);
  killed.process().kill();
  after(2000);
  ended.process().terminate();
  after(2000);
  stop = true;
  for (auto& t : threads) t.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GE(made, 6000);
}

TEST_F(thrift_test, failures_have_the_transports_own_types) {
  thrift_server server(server_kind::plain, "one", folder_);
  const auto over = channel({&server}, {.frame_max = 100'000});
  caller c(with_, over, {.call_time_max = 300ms, .message_max = 200'000});
  EXPECT_EQ(kind_of_failure([&] { c.service.wait_for(2000); }), TTransportException::TIMED_OUT);
  EXPECT_NE(last_text_.find("the deadline passed"), std::string::npos) << last_text_;
  EXPECT_EQ(c.service.add(1, 2), 3) << "the next call is not disturbed by the late answer";

  std::string answer;
  const std::string large(150'000, 'x');
  EXPECT_EQ(kind_of_failure([&] { c.service.echo(answer, large); }), TTransportException::BAD_ARGS);
  EXPECT_EQ(last_text_.substr(0, 18), "thrift: a call of ") << last_text_;
  const std::string larger(250'000, 'x');
  EXPECT_EQ(kind_of_failure([&] { c.service.echo(answer, larger); }),
            TTransportException::BAD_ARGS);
  EXPECT_EQ(last_text_, "thrift: a call over the limit of 200,000 B");
  EXPECT_EQ(c.service.add(1, 2), 3);

  server.process().kill();
  c.transport->set_call_time_max(5s);
  // The connection is known to be dead by now, or the first call finds it out.
  kind_of_failure([&] { c.service.add(1, 2); });
  EXPECT_EQ(kind_of_failure([&] { c.service.add(1, 2); }), TTransportException::NOT_OPEN);
  EXPECT_NE(last_text_.find("Connection refused"), std::string::npos) << last_text_;
  c.transport->close();
  EXPECT_EQ(kind_of_failure([&] { c.service.add(1, 2); }), TTransportException::NOT_OPEN);
}

TEST_F(thrift_test, an_answer_over_the_limit_is_refused) {
  const thrift_server server(server_kind::plain, std::string(500, 'n'), folder_);
  caller c(with_, channel({&server}, {.frame_max = 400}));
  std::string answer;
  EXPECT_EQ(kind_of_failure([&] { c.service.name(answer); }), TTransportException::CORRUPTED_DATA);
  EXPECT_NE(last_text_.find("a frame of 524 B, over the limit of 400 B"), std::string::npos)
      << last_text_;
  EXPECT_EQ(c.service.add(1, 2), 3);
  EXPECT_EQ(dials(), 2U) << "the connection with the rest of the answer was dropped";
}

TEST_F(thrift_test, a_message_is_carried_as_it_is_through_the_channel) {
  const thrift_server server(server_kind::upgraded, "one", folder_);
  const auto over = channel({&server});
  const std::string ask("\x80\x01\0\x01\0\0\0\x04name\0\0\0\x63\0", 17);
  const call_options soon{.deadline = clock::now() + 5s};
  EXPECT_EQ(with_.wait(over->call(ask, soon)).value(),
            std::string("\x80\x01\0\x02\0\0\0\x04name\0\0\0\x63\x0b\0\0\0\0\0\x03one\0", 27));
  const auto refused = with_.wait(over->call("nonsense", soon));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "thrift message: begins with 0x6e, neither TBinaryProtocol nor TCompactProtocol");
}

}  // namespace
}  // namespace waitstate::integration_test
