#include "net/name_lookups.h"

#include <future>

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using addresses = std::vector<asio::ip::address>;

/// Knows every name but "nobody"; "slow" only once `goes_on` is set.
std::shared_ptr<name_lookups> with_a_slow_name(std::shared_future<void> goes_on,
                                               std::size_t threads_max = 2) {
  return std::make_shared<name_lookups>(
      [goes_on](const std::string& host) -> name_lookups::found {
        if (host == "slow") goes_on.wait();
        if (host == "nobody") return {.code = asio::error::host_not_found, .addresses = {}};
        return {.code = {}, .addresses = {asio::ip::make_address("10.0.0.1")}};
      },
      threads_max);
}

TEST(name_lookups, are_beside_each_other) {
  std::promise<void> goes_on;
  const auto by = with_a_slow_name(goes_on.get_future().share());
  test_io io;
  auto slow = asio::co_spawn(io.executor(), name_lookups::look_up(by, "slow", clock::now() + 60s),
                             asio::use_future);
  const auto fast = io.await(name_lookups::look_up(by, "fast", clock::now() + 60s));
  ASSERT_TRUE(fast) << fast.error().what;
  EXPECT_EQ(*fast, addresses{asio::ip::make_address("10.0.0.1")});
  goes_on.set_value();
  EXPECT_TRUE(slow.get());
}

TEST(name_lookups, are_given_up_at_the_deadline_and_with_the_executor) {
  std::promise<void> goes_on;
  const auto by = with_a_slow_name(goes_on.get_future().share());
  {
    test_io io;
    const auto late = io.await(name_lookups::look_up(by, "slow", clock::now() + 10ms));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::timed_out);
    EXPECT_EQ(late.error().what, "resolve 'slow': timed out");
    asio::co_spawn(io.executor(), name_lookups::look_up(by, "slow", time_point::max()),
                   asio::detached);
  }
  goes_on.set_value();
}

TEST(name_lookups, wait_in_line_past_the_most_and_say_what_is_not_there) {
  std::promise<void> goes_on;
  const auto by = with_a_slow_name(goes_on.get_future().share(), 1);
  test_io io;
  auto slow = asio::co_spawn(io.executor(), name_lookups::look_up(by, "slow", clock::now() + 60s),
                             asio::use_future);
  auto nobody = asio::co_spawn(
      io.executor(), name_lookups::look_up(by, "nobody", clock::now() + 60s), asio::use_future);
  EXPECT_EQ(nobody.wait_for(20ms), std::future_status::timeout);
  goes_on.set_value();
  const auto none = nobody.get();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::name_not_found);
  EXPECT_TRUE(slow.get());
}

TEST(name_lookups, ask_the_system) {
  test_io io;
  const auto local = io.await(
      name_lookups::look_up(name_lookups::of_the_system(), "127.0.0.1", clock::now() + 60s));
  ASSERT_TRUE(local) << local.error().what;
  EXPECT_EQ(*local, addresses{asio::ip::make_address("127.0.0.1")});
}

}  // namespace
}  // namespace waitstate::client
