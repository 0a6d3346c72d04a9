#include "waitstate/client/core/call_watch.h"

#include <any>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// What outlives the telling.
struct told {
  call_record record;
  std::string failed;
};

using operation = std::function<task<std::string>(attempt*)>;

task<std::string> echo_once(attempt* a) {
  const std::string question = "why?";
  const auto [unsent, sent] =
      co_await asio::async_write(**a->over, asio::buffer(question), as_value);
  a->bytes_written = false;
  a->wrote(sent);
  std::string answer(question.size(), 0);
  const auto [unread, got] = co_await asio::async_read(**a->over, asio::buffer(answer), as_value);
  a->read(got);
  if (unread) co_return failure(from_code(unread, "ask"));
  a->over->keep();
  co_return answer;
}

task<std::string> never_answered(attempt* a) {
  char byte = 0;
  const auto [code, got] = co_await asio::async_read(**a->over, asio::buffer(&byte, 1), as_value);
  a->read(got);
  co_return failure((*a->over)->why_failed(code, "ask"));
}

class call_watch_test : public testing::Test {
 protected:
  void TearDown() override {
    if (cluster_) cluster_->stop();
    io_.stop();
  }

  void open(const std::vector<weighted_endpoint>& servers, duration hedge_after = 0ms) {
    cluster_settings settings{.name = "search", .retries = {.hedge_after = hedge_after}};
    settings.balance.policy = balance_policy::round_robin;
    settings.calls.begins = [this](call_record& r) {
      const std::scoped_lock held(lock_);
      r.mine = ++begun_;
    };
    settings.calls.ended = [this](const call_record& r) {
      const std::scoped_lock held(lock_);
      told_.push_back({.record = r, .failed = r.failed != nullptr ? r.failed->what : ""});
    };
    cluster_ = cluster::make(io_.executor(), static_source(servers), settings).value();
  }

  static call_options options() {
    call_options made{.deadline = 2s, .idempotent = true};
    made.title = {.protocol = "echo", .method = "ask", .target = "/x"};
    made.context = std::make_shared<int>(7);
    return made;
  }

  test_io io_{2};
  std::mutex lock_;
  int begun_ = 0;
  std::vector<told> told_;
  std::shared_ptr<cluster> cluster_;
};

TEST_F(call_watch_test, tells_what_was_called_where_and_how_long_each_step_took) {
  const test_server server(test_server::echo);
  open({{.at = server.at()}});
  ASSERT_TRUE(io_.await(cluster_->call<std::string>(options(), operation(echo_once))));
  ASSERT_TRUE(io_.await(cluster_->call<std::string>(options(), operation(echo_once))));
  ASSERT_EQ(told_.size(), 2U);
  const auto& first = told_[0].record;
  EXPECT_EQ(first.cluster, "search");
  EXPECT_EQ(first.title.protocol, "echo");
  EXPECT_EQ(first.title.method, "ask");
  EXPECT_EQ(first.title.target, "/x");
  EXPECT_EQ(first.attempt, 1U);
  EXPECT_EQ(first.server, server.at());
  EXPECT_EQ(*std::static_pointer_cast<const int>(first.context), 7);
  EXPECT_EQ(std::any_cast<int>(first.mine), 1);
  EXPECT_EQ(std::string_view(first.where.file_name()).substr(0, 1), "/");
  EXPECT_FALSE(first.is_reused);
  EXPECT_GT(first.dial.connect, 0ns);
  EXPECT_EQ(first.dial.tls, 0ns);
  EXPECT_EQ(first.bytes_sent, 4U);
  EXPECT_EQ(first.bytes_received, 4U);
  ASSERT_TRUE(first.connected && first.sent && first.first_byte);
  EXPECT_LE(first.began, *first.connected);
  EXPECT_LE(*first.connected, *first.sent);
  EXPECT_LE(*first.sent, *first.first_byte);
  EXPECT_LE(*first.first_byte, first.ended);
  EXPECT_EQ(told_[0].failed, "");
  EXPECT_TRUE(first.is_last);
  EXPECT_TRUE(told_[1].record.is_reused);
  EXPECT_EQ(told_[1].record.lease.slot, first.lease.slot);
}

TEST_F(call_watch_test, tells_of_each_attempt_and_which_was_the_last) {
  const test_server server(test_server::echo);
  open({{.at = server.at()}});
  const operation refused_once = [](attempt* a) -> task<std::string> {
    if (a->number == 1) {
      a->refused = true;
      co_return failure({.code = errc::unavailable, .what = "busy", .hint = {}});
    }
    co_return co_await echo_once(a);
  };
  ASSERT_TRUE(io_.await(cluster_->call<std::string>(options(), refused_once)));
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].failed, "busy");
  EXPECT_FALSE(told_[0].record.is_last);
  EXPECT_EQ(told_[1].record.attempt, 2U);
  EXPECT_TRUE(told_[1].record.is_last);
  EXPECT_EQ(cluster_->metrics().calls, 1U);
}

TEST_F(call_watch_test, tells_once_which_attempt_of_a_hedged_call_was_the_last) {
  const test_server silent(test_server::read_to_end);
  const test_server answers(test_server::echo);
  open({{.at = silent.at()}, {.at = answers.at()}}, 20ms);
  auto wanted = options();
  wanted.may_run_twice = true;
  // In turn: one of two begins at the silent one.
  for (int i = 0; i < 2 && told_.size() < 2; ++i) {
    told_.clear();
    ASSERT_TRUE(io_.await(cluster_->call<std::string>(wanted, operation(echo_once))));
  }
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].record.server, answers.at());
  EXPECT_TRUE(told_[0].record.is_hedge);
  EXPECT_TRUE(told_[0].record.is_last);
  EXPECT_EQ(told_[0].failed, "");
  EXPECT_FALSE(told_[1].record.is_hedge);
  EXPECT_FALSE(told_[1].record.is_last);
  EXPECT_NE(told_[1].failed, "");
}

TEST_F(call_watch_test, an_error_says_what_either_half_of_a_hedged_call_sent) {
  const test_server first(test_server::read_to_end);
  const test_server second(test_server::read_to_end);
  open({{.at = first.at()}, {.at = second.at()}}, 20ms);
  auto wanted = options();
  wanted.deadline = 200ms;
  wanted.may_run_twice = true;
  // Which half is which: the first to come sends nothing.
  const auto begun = std::make_shared<int>(0);
  const operation sends_once = [begun](attempt* a) -> task<std::string> {
    if ((*begun)++ > 0) co_return co_await echo_once(a);
    auto got = co_await never_answered(a);
    a->bytes_written = false;
    co_return got;
  };
  const auto got = io_.await(cluster_->call<std::string>(wanted, sends_once));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().is_sent);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_NE(told_[0].record.is_last, told_[1].record.is_last);
}

TEST_F(call_watch_test, tells_of_a_call_that_found_no_server) {
  std::uint16_t port = 0;
  {
    const test_server gone(test_server::echo);
    port = gone.at().port;
  }
  open({{.at = {.host = "127.0.0.1", .port = port}}});
  auto wanted = options();
  wanted.idempotent = false;
  ASSERT_FALSE(io_.await(cluster_->call<std::string>(wanted, operation(echo_once))));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].failed.find("refused"), std::string::npos) << told_[0].failed;
  EXPECT_FALSE(told_[0].record.connected);
  EXPECT_FALSE(told_[0].record.server);
}

TEST_F(call_watch_test, tells_of_a_call_that_is_cancelled) {
  const test_server silent(test_server::read_to_end);
  open({{.at = silent.at()}});
  asio::cancellation_signal stop;
  auto ended = asio::co_spawn(io_.executor(),
                              cluster_->call<std::string>(options(), operation(never_answered)),
                              asio::bind_cancellation_slot(stop.slot(), asio::use_future));
  ASSERT_TRUE(soon([&] { return cluster_->metrics().attempts == 1; }));
  asio::post(io_.executor(), [&] { stop.emit(asio::cancellation_type::terminal); });
  const auto got = ended.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::cancelled);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].failed, "");
  EXPECT_TRUE(told_[0].record.is_last);
  const auto m = cluster_->metrics();
  for (const auto n : m.answered_in.calls) EXPECT_EQ(n, 0U);
  for (const auto n : m.failed_in.calls) EXPECT_EQ(n, 0U);
}

TEST_F(call_watch_test, keeps_what_a_hook_throws_from_the_call) {
  const test_server server(test_server::echo);
  cluster_settings settings;
  settings.calls.begins = [](call_record&) { throw std::runtime_error("no"); };
  settings.calls.ended = [](const call_record&) { throw std::runtime_error("no"); };
  cluster_ = cluster::make(io_.executor(), static_source({{.at = server.at()}}), settings).value();
  EXPECT_TRUE(io_.await(cluster_->call<std::string>(options(), operation(echo_once))));
}

TEST_F(call_watch_test, keeps_no_record_when_nobody_is_told) {
  const test_server server(test_server::echo);
  cluster_ = cluster::make(io_.executor(), static_source({{.at = server.at()}}), {}).value();
  bool has_record = true;
  const operation looks = [&](attempt* a) {
    has_record = a->record != nullptr;
    return echo_once(a);
  };
  EXPECT_TRUE(io_.await(cluster_->call<std::string>(options(), looks)));
  EXPECT_FALSE(has_record);
}

}  // namespace
}  // namespace waitstate::client
