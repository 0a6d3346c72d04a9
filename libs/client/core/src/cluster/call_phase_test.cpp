// What an error says of how far its call had come.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/dns_source.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using operation = std::function<task<std::string>(attempt*)>;

task<std::string> ask(attempt* a) {
  const std::string question = "why?";
  a->bytes_written = false;
  const auto [unsent, sent] =
      co_await asio::async_write(**a->over, asio::buffer(question), as_value);
  a->wrote(sent);
  std::string answer(question.size(), 0);
  const auto [unread, got] = co_await asio::async_read(**a->over, asio::buffer(answer), as_value);
  a->read(got);
  if (unread) co_return failure((*a->over)->why_failed(unread, "ask"));
  a->over->keep();
  co_return answer;
}

task<std::string> refuse_to_ask(attempt* a) {
  a->bytes_written = false;
  co_return failure({.code = errc::invalid_input, .what = "not that", .hint = {}});
}

class call_phase_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& c : made_) c->stop();
    io_.stop();
  }

  std::shared_ptr<cluster> open(std::shared_ptr<endpoint_source> source,
                                cluster_settings settings = {}) {
    made_.push_back(cluster::make(io_.executor(), std::move(source), std::move(settings)).value());
    io_.spawn(made_.back()->run());
    return made_.back();
  }
  std::shared_ptr<cluster> open(const endpoint& at, cluster_settings settings = {}) {
    return open(static_source({{.at = at}}), std::move(settings));
  }

  /// "refused in connect", "timed_out in first byte, sent"
  std::string end_of(const std::shared_ptr<cluster>& at, const operation& what = ask,
                     bool is_idempotent = false) {
    const call_options options{.deadline = 300ms, .idempotent = is_idempotent};
    const auto got = io_.await(at->call<std::string>(options, what));
    if (got) return "answered";
    const auto& why = got.error();
    const std::pair<errc, const char*> names[] = {{errc::timed_out, "timed out"},
                                                  {errc::refused, "refused"},
                                                  {errc::reset, "reset"},
                                                  {errc::tls, "tls"},
                                                  {errc::cancelled, "cancelled"},
                                                  {errc::unavailable, "unavailable"},
                                                  {errc::name_not_found, "no such name"},
                                                  {errc::invalid_input, "invalid"},
                                                  {errc::permission, "permission"}};
    std::string text = "another: " + why.what;
    for (const auto& [code, name] : names) {
      if (code == why.code) text = name;
    }
    return text + " in " + std::string(to_string(why.phase)) + (why.is_sent ? ", sent" : "");
  }

  test_io io_{2};
  std::vector<std::shared_ptr<cluster>> made_;
};

TEST_F(call_phase_test, nobody_listens) {
  endpoint at;
  {
    const test_server gone(test_server::echo);
    at = gone.at();
  }
  EXPECT_EQ(end_of(open(at)), "refused in connect");
}

TEST_F(call_phase_test, no_answer_half_an_answer_and_none_asked_for) {
  const test_server silent(test_server::read_to_end);
  EXPECT_EQ(end_of(open(silent.at())), "timed out in first byte, sent");
  const test_server half([](int socket) {
    char byte = 0;
    if (::read(socket, &byte, 1) == 1) send_all(socket, "wh");
  });
  EXPECT_EQ(end_of(open(half.at())), "reset in body, sent");
  EXPECT_EQ(end_of(open(silent.at()), refuse_to_ask), "invalid in send");
}

TEST_F(call_phase_test, all_connections_are_in_use) {
  const test_server server(test_server::echo);
  cluster_settings settings;
  settings.pool.limits.connections_max = 1;
  const auto at = open(server.at(), settings);
  const auto out = io_.await(at->acquire({.deadline = 1s}));
  ASSERT_TRUE(out);
  EXPECT_EQ(end_of(at), "timed out in wait");
}

TEST_F(call_phase_test, a_handshake_of_tls_that_is_not_answered_and_one_that_is_refused) {
  cluster_settings settings;
  settings.pool.dial.tls = verifying_tls().value();
  settings.pool.dial.connect_time_max = 100ms;
  const test_server silent(test_server::read_to_end);
  EXPECT_EQ(end_of(open(silent.at(), settings)), "timed out in tls");
  const test_server plain([](int socket) {
    send_all(socket, "HTTP/1.0 400 No\r\n\r\n");
    test_server::read_to_end(socket);
  });
  EXPECT_EQ(end_of(open(plain.at(), settings)), "tls in tls");
}

TEST_F(call_phase_test, a_greeting_that_is_refused) {
  const test_server server(test_server::echo);
  cluster_settings settings;
  settings.pool.prepare = [](connection_ptr, time_point) -> task<> {
    co_return failure({.code = errc::permission, .what = "who are you", .hint = {}});
  };
  EXPECT_EQ(end_of(open(server.at(), settings)), "permission in greeting");
}

TEST_F(call_phase_test, a_name_that_is_unknown_and_one_that_is_slow) {
  cluster_settings settings{.fail_while_unknown = true};
  dns_settings unknown{.host = "a.example", .port = 1};
  unknown.resolve = [](std::string, std::uint16_t) -> task<std::vector<endpoint>> {
    co_return failure({.code = errc::name_not_found, .what = "no", .hint = {}});
  };
  EXPECT_EQ(end_of(open(dns_source(io_.executor(), unknown), settings)), "no such name in resolve");
  dns_settings slow{.host = "a.example", .port = 1};
  slow.resolve = [](std::string, std::uint16_t) -> task<std::vector<endpoint>> {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1s);
    co_await timer.async_wait(as_value);
    co_return std::vector<endpoint>();
  };
  EXPECT_EQ(end_of(open(dns_source(io_.executor(), slow), settings)), "timed out in resolve");
}

TEST_F(call_phase_test, what_an_earlier_attempt_sent_stays_sent) {
  const auto reads_once = [](int socket) {
    char byte = 0;
    std::ignore = ::read(socket, &byte, 1);
  };
  std::optional<test_server> server(std::in_place, reads_once);
  const auto at = open(server->at());
  const operation asks_the_last_time = [&](attempt* a) -> task<std::string> {
    auto got = co_await ask(a);
    server.reset();
    co_return got;
  };
  const call_options options{.deadline = 300ms, .idempotent = true};
  const auto got = io_.await(at->call<std::string>(options, asks_the_last_time));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().phase, call_phase::connect) << got.error().what;
  EXPECT_TRUE(got.error().is_sent);
}

}  // namespace
}  // namespace waitstate::client
