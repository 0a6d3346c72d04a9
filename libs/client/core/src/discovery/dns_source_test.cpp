#include "waitstate/client/core/dns_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// What a test's resolver says; nothing means failure.
struct told_names {
  std::atomic<int> asked{0};
  std::atomic<int> addresses{1};
  std::atomic<bool> is_reversed{false};
};

task<std::vector<endpoint>> tell(std::shared_ptr<told_names> names, std::string host,
                                 std::uint16_t port) {
  ++names->asked;
  std::vector<endpoint> found;
  for (int i = 1; i <= names->addresses; ++i) {
    found.push_back({.host = "127.0.0." + std::to_string(i), .port = port});
  }
  if (names->is_reversed) std::ranges::reverse(found);
  if (found.empty()) {
    co_return failure(
        {.code = errc::unavailable, .what = "resolve '" + host + "': down", .hint = {}});
  }
  co_return found;
}

dns_settings asking(const std::shared_ptr<told_names>& names) {
  return {.host = "search",
          .port = 80,
          .refresh = 20ms,
          .retry = 5ms,
          .resolve = [names](auto host, auto port) { return tell(names, host, port); }};
}

TEST(dns_source, asks_again_and_keeps_the_last_good_addresses) {
  test_io io;
  const auto names = std::make_shared<told_names>();
  auto settings = asking(names);
  settings.each_address_is_a_server = true;
  const auto source = dns_source(io.executor(), settings);
  EXPECT_EQ(source->current().state, source_state::pending);
  io.spawn(source->run());
  EXPECT_TRUE(soon([&] { return source->current().endpoints.size() == 1; }));
  names->addresses = 3;
  EXPECT_TRUE(soon([&] { return source->current().endpoints.size() == 3; }));
  names->addresses = 0;
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::stale; }));
  EXPECT_EQ(source->current().endpoints.size(), 3U);
  EXPECT_EQ(source->current().why->what, "resolve 'search': down");
  names->addresses = 2;
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::ok; }));
  source->stop();
  std::this_thread::sleep_for(50ms);
  const int asked = names->asked;
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(names->asked, asked);
}

TEST(dns_source, gives_one_server_with_all_the_addresses_of_its_name) {
  test_io io;
  const auto names = std::make_shared<told_names>();
  names->addresses = 2;
  const auto source = dns_source(io.executor(), asking(names));
  io.spawn(source->run());
  ASSERT_TRUE(soon([&] { return source->current().state == source_state::ok; }));
  const auto set = source->current();
  ASSERT_EQ(set.endpoints.size(), 1U);
  EXPECT_EQ(set.endpoints[0].at, (endpoint{"search", 80}));
  EXPECT_EQ(set.endpoints[0].addresses,
            (std::vector<endpoint>{{"127.0.0.1", 80}, {"127.0.0.2", 80}}));
  // In another order they are the same.
  names->is_reversed = true;
  const int asked = names->asked;
  EXPECT_TRUE(soon([&] { return names->asked > asked + 2; }));
  EXPECT_EQ(source->current().generation, set.generation);
  names->addresses = 3;
  EXPECT_TRUE(soon([&] { return source->current().generation == set.generation + 1; }));
  EXPECT_EQ(source->current().endpoints[0].addresses.front(), (endpoint{"127.0.0.3", 80}));
  source->stop();
}

TEST(dns_source, refuses_what_is_no_address) {
  test_io io;
  dns_settings settings{.host = "search", .port = 80};
  settings.resolve = [](std::string, std::uint16_t) -> task<std::vector<endpoint>> {
    std::vector<endpoint> found{{"10.0.0.7", 80}, {"other", 80}};
    co_return found;
  };
  const auto source = dns_source(io.executor(), settings);
  io.spawn(source->run());
  ASSERT_TRUE(soon([&] { return source->current().why.has_value(); }));
  EXPECT_EQ(source->current().why->what, "resolve 'search': 'other:80' is no address");
  source->stop();
}

TEST(dns_source, resolves_by_the_system) {
  test_io io;
  const auto source = dns_source(io.executor(), {.host = "127.0.0.1", .port = 80});
  io.spawn(source->run());
  EXPECT_TRUE(soon([&] { return source->current().state == source_state::ok; }));
  EXPECT_EQ(source->current().endpoints.front().at, (endpoint{"127.0.0.1", 80}));
  source->stop();
}

}  // namespace
}  // namespace waitstate::client
