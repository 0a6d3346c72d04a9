// Each system call of the client fails in turn, with each reason that it can have, under load.
#include <algorithm>
#include <atomic>
#include <cstring>

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "failing_calls.h"
#include "http_test.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr int callers = 4;
constexpr int calls_each = 12;
constexpr duration deadline_of_each = 400ms;
constexpr duration late_max = 400ms;  // on a machine that has other things to do

struct seen_of_calls {
  std::atomic<int> begun{0};
  std::atomic<int> answered{0};
  std::atomic<int> ended{0};
  std::atomic<duration::rep> latest{0};  // beyond the deadline
};

asio::awaitable<void> ask_in_turn(http_service from, int calls, duration within,
                                  std::shared_ptr<seen_of_calls> seen) {
  for (int i = 0; i < calls; ++i) {
    ++seen->begun;
    const auto deadline = clock::now() + within;
    const auto got = co_await from.request(http_get("/x"), deadline);
    if (got && got->body == "hi") ++seen->answered;
    const auto late = (clock::now() - deadline).count();
    auto known = seen->latest.load();
    while (late > known && !seen->latest.compare_exchange_weak(known, late)) {
    }
    ++seen->ended;
  }
}

/// Five answers on a connection, then the end: there are always new ones to be made.
void answer_five_times(int socket) {
  for (int i = 0; i < 5 && !read_head(socket).empty() && send_all(socket, hi); ++i) {
  }
}

class client_faults_test : public testing::TestWithParam<failing_call> {
 protected:
  client_faults_test() {
    asio::post(io_.executor(), [] { let_calls_fail_here(); });
    auto made = cluster::make(io_.executor(), static_source({{.at = server_.at()}}), {});
    over_ = *made;
    io_.spawn(over_->run());
  }
  ~client_faults_test() override {
    let_none_fail();
    over_->stop();
  }

  std::shared_ptr<seen_of_calls> ask(int calls, duration within) {
    auto seen = std::make_shared<seen_of_calls>();
    for (int i = 0; i < callers; ++i) {
      io_.spawn(ask_in_turn(http_service(over_), calls, within, seen));
    }
    return seen;
  }

  const test_server server_{answer_five_times};
  test_io io_{1};
  std::shared_ptr<cluster> over_;
};

TEST_P(client_faults_test, loses_no_call_and_does_not_spin_and_goes_on_after_it) {
  // Every other one.
  let_fail(GetParam(), 2);
  auto seen = ask(calls_each, deadline_of_each);
  const bool have_ended = soon([&] { return seen->ended == callers * calls_each; });
  EXPECT_TRUE(have_ended) << seen->ended << " of " << callers * calls_each << " have ended";
  EXPECT_LT(duration(seen->latest), late_max);

  // All of them, for a while.
  let_fail(GetParam(), GetParam().may_last ? 1 : 2);
  seen = ask(1, deadline_of_each);
  EXPECT_TRUE(soon([&] { return seen->ended == callers; })) << seen->ended;
  EXPECT_LT(duration(seen->latest), late_max);
  EXPECT_LT(failed_calls(), 5000U) << "it asks again and again";

  let_none_fail();
  const auto began = clock::now();
  seen = ask(5, 3s);
  EXPECT_TRUE(soon([&] { return seen->ended == callers * 5; })) << seen->ended;
  EXPECT_EQ(seen->answered, callers * 5);
  EXPECT_LT(clock::now() - began, 3s);
}

std::string name_of(const testing::TestParamInfo<failing_call>& info) {
  return info.param.name + "_" + ::strerrorname_np(info.param.reason);
}

INSTANTIATE_TEST_SUITE_P(each, client_faults_test, testing::ValuesIn(calls_that_may_fail()),
                         name_of);

}  // namespace
}  // namespace waitstate::client
