// A channel against servers that do not keep to the rules. What a real one does is
// tests/integration/mux_test.cpp's.
#include "waitstate/client/thrift/mux_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mux/mux_message.h"
#include "test_io.h"
#include "test_server.h"
#include "thrift_test.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::string bytes_of(const mux_message& m) {
  std::string bytes;
  append_mux_message(bytes, m);
  return bytes;
}

/// Answers the handshake and pings; gives calls to `on_call`, until that says false.
test_server::behaviour serving(std::function<bool(int socket, const mux_frame& call)> on_call) {
  return [on_call = std::move(on_call)](int socket) {
    for_each_frame(socket, [&](std::string_view frame) {
      const auto read = read_mux_frame(frame).value();
      switch (read.type) {
        case mux_type::rerr:
          return send_all(socket,
                          bytes_of({.type = mux_type::rerr, .body = std::string(read.body)}));
        case mux_type::tinit: return send_all(socket, bytes_of({.type = mux_type::rinit}));
        case mux_type::tping:
          return send_all(socket, bytes_of({.type = mux_type::rping, .tag = read.tag}));
        case mux_type::tdispatch: return on_call(socket, read);
        default: return true;
      }
    });
  };
}

class mux_channel_test : public testing::Test {
 protected:
  void TearDown() override {
    if (channel_) channel_->close();
    if (cluster_) cluster_->stop();
    channel_.reset();
    cluster_.reset();
    io_.stop();
  }

  void use(const test_server& server, const mux_settings& how) { use({{server.at()}}, how, {}); }
  void use(const std::vector<weighted_endpoint>& servers, const mux_settings& how,
           cluster_settings settings) {
    settings.name = "x";
    settings.random = seeded_random(7);
    settings.pool = mux_channel::greeted(settings.pool);
    cluster_ = cluster::make(io_.executor(), static_source(servers), settings).value();
    io_.spawn(cluster_->run());
    channel_ = mux_channel::make(cluster_, how).value();
  }

  result<std::string> call(duration time, bool is_idempotent = false) {
    const call_options options{.deadline = clock::now() + time, .idempotent = is_idempotent};
    std::string message;
    append_thrift_envelope(message, {.type = thrift_message_type::call, .name = "ask"});
    return io_.await(channel_->call(message + '\0', options));
  }

  test_io io_{2};
  std::shared_ptr<cluster> cluster_;
  std::shared_ptr<mux_channel> channel_;
};

TEST_F(mux_channel_test, replaces_a_connection_on_which_nothing_is_answered_but_pings) {
  std::atomic<int> first{0};
  std::atomic<int> asked_on_first{0};
  const test_server server(serving([&](int socket, const auto&) {
    int none = 0;
    first.compare_exchange_strong(none, socket);
    if (socket == first) ++asked_on_first;
    return true;
  }));
  use(server, {.outstanding_max = 4, .ping_every = 10ms});
  // However many there are: on a busy machine a call may be over before it is sent.
  EXPECT_TRUE(soon([&] { return !call(50ms) && server.accepted() == 2; }));
  EXPECT_EQ(asked_on_first, 3);
  EXPECT_TRUE(soon([this] { return cluster_->metrics().endpoints.at(0).leased == 1; }))
      << "the first one is given back";
}

TEST_F(mux_channel_test, leaves_a_server_that_asks_without_reading_the_answers) {
  std::atomic<bool> has_lost{false};
  const test_server server(serving([&](int socket, const auto&) {
    std::string pings;
    for (int i = 0; i < 10'000; ++i) pings += bytes_of({.type = mux_type::tping, .tag = 2});
    for (int i = 0; i < 1000 && !has_lost; ++i) has_lost = !send_all(socket, pings);
    return false;
  }));
  use(server, {.unsent_max = 10'000});
  const auto got = call(20s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what,
            "mux: " + to_string(server.at()) + ": it asks without reading the answers");
  EXPECT_TRUE(soon([&] { return has_lost.load(); }));
}

TEST_F(mux_channel_test, quotes_what_the_server_says_of_a_failure) {
  const test_server server(serving([](int socket, const auto& asked) {
    return send_all(socket, bytes_of({.type = mux_type::rerr,
                                      .tag = asked.tag,
                                      .body = "a\nb\x1b" + std::string(200, 'x')}));
  }));
  use(server, {});
  EXPECT_EQ(call(5s).error().what, "mux: " + to_string(server.at()) + ": the server failed: a?b?" +
                                       std::string(96, 'x') + "...");
}

/// The answer to a call.
bool answer(int socket, const mux_frame& asked) {
  std::string reply;
  append_thrift_envelope(reply, {.type = thrift_message_type::reply, .name = "ask"});
  return send_all(
      socket,
      bytes_of({.type = mux_type::rdispatch, .tag = asked.tag, .body = std::move(reply) + '\0'}));
}

TEST_F(mux_channel_test, sends_what_it_is_told_to_as_contexts_and_tells_when_it_had_a_connection) {
  std::mutex lock;
  mux_pairs seen;
  const test_server server(serving([&](int socket, const auto& asked) {
    const std::scoped_lock held(lock);
    seen = read_mux_message(asked.type, asked.tag, asked.body).value().contexts;
    return answer(socket, asked);
  }));
  cluster_settings settings;
  settings.calls.begins = [](call_record& r) {
    r.fields = {{.name = "traceparent", .value = "00-7"},
                {.name = "x", .value = std::string(65'536, 'x')}};
  };
  std::vector<call_record> told;
  settings.calls.ended = [&](const call_record& r) { told.push_back(r); };
  use({{server.at()}}, {.send_deadline = false}, settings);
  ASSERT_TRUE(call(5s));
  {
    const std::scoped_lock held(lock);
    EXPECT_EQ(seen, (mux_pairs{{"traceparent", "00-7"}})) << "the other one is too long";
  }
  ASSERT_EQ(told.size(), 1U);
  ASSERT_TRUE(told[0].connected && told[0].sent);
  EXPECT_LE(told[0].began, *told[0].connected);
}

TEST_F(mux_channel_test, tells_of_no_connection_where_there_was_none) {
  const test_server silent(test_server::read_to_end);
  std::vector<call_record> told;
  cluster_settings settings;
  settings.calls.ended = [&](const call_record& r) { told.push_back(r); };
  use({{silent.at()}}, {}, settings);
  EXPECT_FALSE(call(100ms));
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].server, silent.at());
  EXPECT_FALSE(told[0].connected);
}

TEST_F(mux_channel_test, a_slow_call_is_made_at_another_server_beside) {
  const test_server hangs(serving([](int, const auto&) { return true; }));
  const test_server answers(serving(answer));
  cluster_settings settings{.retries = {.hedge_after = 30ms}};
  settings.balance.policy = balance_policy::round_robin;
  use({{hangs.at()}, {answers.at()}}, {}, settings);
  for (int i = 0; i < 4; ++i) {
    const auto got = call(5s, true);
    EXPECT_TRUE(got) << got.error().what;
  }
  EXPECT_GE(cluster_->metrics().hedges, 1U);
}

}  // namespace
}  // namespace waitstate::client
