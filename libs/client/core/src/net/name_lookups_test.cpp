#include "net/name_lookups.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

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
    EXPECT_EQ(late.error().what, "resolve 'slow': timed out: it is still being looked up");
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

/// Counts who is asked for; "nobody" is not there.
struct counting {
  std::atomic<int> asked{0};
  std::shared_ptr<name_lookups> by =
      std::make_shared<name_lookups>([this](const std::string& host) { return answer(host); }, 2);

  name_lookups::found answer(const std::string& host) {
    ++asked;
    if (host == "nobody") return {.code = asio::error::host_not_found, .addresses = {}};
    return {.code = {}, .addresses = {asio::ip::make_address("10.0.0.1")}};
  }
};

TEST(name_lookups, serve_others_for_a_moment_and_who_wants_it_new_not) {
  counting names;
  test_io io;
  const auto look_up = [&](const std::string& host, name_lookups::how_new wanted) {
    return io.await(name_lookups::look_up(names.by, host, clock::now() + 60s, wanted)).has_value();
  };
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(look_up("there", name_lookups::how_new::of_late));
    EXPECT_FALSE(look_up("nobody", name_lookups::how_new::of_late));
  }
  EXPECT_EQ(names.asked, 2);
  EXPECT_TRUE(look_up("there", name_lookups::how_new::now));
  EXPECT_EQ(names.asked, 3);
}

TEST(name_lookups, forget_after_a_second_that_a_name_was_not_there) {
  counting names;
  test_io io;
  const auto look_up = [&] {
    std::ignore = io.await(name_lookups::look_up(names.by, "nobody", clock::now() + 60s));
  };
  look_up();
  std::this_thread::sleep_for(name_lookups::missed_for + 50ms);
  look_up();
  EXPECT_EQ(names.asked, 2);
}

TEST(name_lookups, of_one_name_are_one_however_many_ask) {
  std::promise<void> goes_on;
  const auto by = with_a_slow_name(goes_on.get_future().share(), 2);
  test_io io;
  std::vector<std::future<result<addresses>>> all;
  for (int i = 0; i < 500; ++i) {
    all.push_back(asio::co_spawn(
        io.executor(), name_lookups::look_up(by, "slow", clock::now() + 60s), asio::use_future));
  }
  // A thread is left for another name.
  EXPECT_TRUE(io.await(name_lookups::look_up(by, "fast", clock::now() + 60s)));
  goes_on.set_value();
  for (auto& one : all) EXPECT_TRUE(one.get());
}

TEST(name_lookups, keep_a_bounded_number_of_answers) {
  counting names;
  test_io io;
  constexpr int more = 100;
  for (std::size_t i = 0; i < name_lookups::names_max + more; ++i) {
    const auto host = "host-" + std::to_string(i);
    ASSERT_TRUE(io.await(name_lookups::look_up(names.by, host, clock::now() + 60s)));
  }
  const auto before = names.asked.load();
  EXPECT_TRUE(io.await(name_lookups::look_up(names.by, "host-0", clock::now() + 60s)));
  EXPECT_EQ(names.asked, before + 1) << "the oldest was forgotten";
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
