#include "waitstate/snapshot/connection_pairs.h"

#include <vector>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

using namespace std::chrono_literals;

tcp::endpoint at(std::string_view text) {
  return tcp::parse_endpoint(text).value_or(tcp::endpoint{});
}

ended_connection end_of(std::string_view local, std::string_view remote, direction d,
                        std::chrono::milliseconds when = 0ms) {
  return {.ended = std::chrono::system_clock::time_point(when),
          .flow = {.local = at(local), .remote = at(remote)},
          .net_namespace = 7,
          .direction = d,
          .was_established = true};
}

class pairs : public testing::Test {
 protected:
  std::vector<whole_connection> told;
  connection_pairs made{[this](const whole_connection& w) { told.push_back(w); }};
};

TEST_F(pairs, of_two_ends_on_this_host_the_one_that_connected_comes_first) {
  made.add(end_of("127.0.0.1:80", "127.0.0.1:4000", direction::inbound));
  EXPECT_TRUE(told.empty());
  made.add(end_of("127.0.0.1:4000", "127.0.0.1:80", direction::outbound));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].end.direction, direction::outbound);
  ASSERT_TRUE(told[0].other);
  EXPECT_EQ(told[0].other.value_or(ended_connection{}).direction, direction::inbound);
}

TEST_F(pairs, an_end_whose_peer_is_elsewhere_waits_for_nobody) {
  made.add(end_of("10.0.0.1:4000", "10.0.0.2:80", direction::outbound));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].other);
}

TEST_F(pairs, a_connect_that_failed_waits_for_nobody) {
  auto refused = end_of("127.0.0.1:4000", "127.0.0.1:81", direction::outbound);
  refused.was_established = false;
  made.add(refused);
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(pairs, an_end_goes_alone_after_a_moment) {
  made.add(end_of("10.0.0.1:4000", "10.0.0.1:80", direction::outbound, 1000ms));
  made.pass(std::chrono::system_clock::time_point(1300ms));
  EXPECT_TRUE(told.empty());
  made.pass(std::chrono::system_clock::time_point(1301ms));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].other);
}

TEST_F(pairs, the_same_addresses_in_another_namespace_are_another_connection) {
  made.add(end_of("127.0.0.1:80", "127.0.0.1:4000", direction::inbound));
  auto other = end_of("127.0.0.1:4000", "127.0.0.1:80", direction::outbound);
  other.net_namespace = 8;
  made.add(other);
  EXPECT_TRUE(told.empty());
  made.finish();
  EXPECT_EQ(told.size(), 2U);
}

TEST_F(pairs, are_bounded_and_the_oldest_goes_first) {
  for (std::size_t i = 0; i <= connection_pairs::waiting_max; ++i) {
    auto c = end_of("127.0.0.1:1", "127.0.0.1:80", direction::outbound);
    c.flow.local.port = static_cast<std::uint16_t>(1000 + i);
    made.add(c);
  }
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].end.flow.local.port, 1000);
}

}  // namespace
}  // namespace waitstate
