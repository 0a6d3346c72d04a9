#include "net/per_executor.h"

#include <memory>
#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/io_threads_wait.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

struct counted {
  static inline int made = 0;

  static result<std::shared_ptr<counted>> make(const asio::any_io_executor& /*on*/) {
    ++made;
    return std::make_shared<counted>();
  }
};

TEST(per_executor, is_one_for_all_and_gone_with_the_last) {
  asio::io_context io;
  asio::io_context other;
  auto one = per_executor<counted>::of(io.get_executor()).value();
  EXPECT_EQ(per_executor<counted>::of(asio::make_strand(io)).value(), one);
  EXPECT_NE(per_executor<counted>::of(other.get_executor()).value(), one);
  EXPECT_EQ(counted::made, 2);
  one.reset();
  one = per_executor<counted>::of(io.get_executor()).value();
  EXPECT_EQ(counted::made, 3);
  one.reset();
}

#ifndef NDEBUG

class wrong_order : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  static constexpr const char* said = "have to end before the executor they run on";
  const test_server server_{test_server::echo};
};

TEST_F(wrong_order, a_cluster_that_outlives_its_context_asserts) {
  EXPECT_DEATH(
      {
        std::shared_ptr<cluster> kept;
        asio::io_context io;
        kept = cluster::make(io.get_executor(), static_source({{server_.at()}}), {}).value();
      },
      said);
}

TEST_F(wrong_order, a_cluster_that_outlives_its_io_threads_asserts) {
  EXPECT_DEATH(
      {
        std::shared_ptr<cluster> kept;
        io_threads background;
        kept = background.make_cluster(static_source({{server_.at()}}), {}).value();
      },
      said);
}

TEST_F(wrong_order, a_lease_that_outlives_its_io_threads_asserts) {
  EXPECT_DEATH(
      {
        cluster_lease kept;
        io_threads background;
        kept = background
                   .wait(background.make_cluster(static_source({{server_.at()}}), {})
                             .value()
                             ->acquire({.deadline = 5s}))
                   .value();
      },
      said);
}

#endif

TEST(right_order, says_nothing_though_calls_are_under_way) {
  const test_server silent(test_server::read_to_end);
  for (int i = 0; i < 20; ++i) {
    asio::io_context io;
    const auto made = cluster::make(io.get_executor(), static_source({{silent.at()}}), {}).value();
    asio::co_spawn(io, made->run(), asio::detached);
    asio::co_spawn(
        io,
        [](std::shared_ptr<cluster> over) -> asio::awaitable<void> {
          const acquire_options wanted{.deadline = 60s};
          const auto got = co_await over->acquire(wanted);
          if (!got) co_return;
          char byte = 0;
          std::ignore = co_await (*got)->async_read_some(asio::buffer(&byte, 1), as_value);
        }(made),
        asio::detached);
    io.run_for(std::chrono::milliseconds(i));
  }
}

}  // namespace
}  // namespace waitstate::client
