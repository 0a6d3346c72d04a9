#include "waitstate/snapshot/direction.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

tcp::endpoint at(std::string_view text) {
  return *tcp::parse_endpoint(text);
}

socket_record connection(std::string_view local, std::string_view remote) {
  return {.flow = {.local = at(local), .remote = at(remote)}, .state = tcp::state::established};
}

class direction_test : public testing::Test {
 protected:
  direction_test() {
    listeners_.add(0, at("0.0.0.0:80"));
    listeners_.add(0, at("127.0.0.1:6379"));
    listeners_.add(1, at("[::]:9000"));
  }

  direction of(const socket_record& s) const { return direction_of(s, listeners_, range_); }

  listener_index listeners_;
  std::optional<tcp::port_range> range_ = tcp::port_range{.low = 32768, .high = 60999};
};

TEST_F(direction_test, a_listener_of_the_local_endpoint_makes_it_inbound) {
  EXPECT_EQ(of(connection("10.0.0.1:80", "10.0.0.9:40000")), direction::inbound);
  EXPECT_EQ(of(connection("127.0.0.1:6379", "127.0.0.1:40000")), direction::inbound);
}

TEST_F(direction_test, the_other_end_of_a_loopback_connection_is_outbound) {
  EXPECT_EQ(of(connection("127.0.0.1:40000", "127.0.0.1:6379")), direction::outbound);
  // Even when the local port is no ephemeral one.
  EXPECT_EQ(of(connection("127.0.0.1:1000", "127.0.0.1:6379")), direction::outbound);
}

TEST_F(direction_test, without_a_listener_the_ephemeral_range_tells) {
  EXPECT_EQ(of(connection("10.0.0.1:40000", "10.0.0.9:3306")), direction::outbound);
  EXPECT_EQ(of(connection("10.0.0.1:3306", "10.0.0.9:40000")), direction::inbound);
  EXPECT_EQ(of(connection("10.0.0.1:40000", "10.0.0.9:50000")), direction::unknown);
  EXPECT_EQ(of(connection("10.0.0.1:179", "10.0.0.9:179")), direction::unknown);
}

TEST_F(direction_test, is_unknown_without_a_range_or_ports) {
  range_ = std::nullopt;
  EXPECT_EQ(of(connection("10.0.0.1:40000", "10.0.0.9:3306")), direction::unknown);
  range_ = tcp::port_range{};
  EXPECT_EQ(of(connection("10.0.0.1", "10.0.0.9:3306")), direction::unknown);
}

TEST_F(direction_test, listeners_of_another_namespace_or_address_do_not_count) {
  auto s = connection("10.0.0.1:9000", "10.0.0.9:1000");
  EXPECT_EQ(of(s), direction::unknown);
  s.net_namespace = 1;
  EXPECT_EQ(of(s), direction::inbound);
  EXPECT_EQ(of(connection("10.0.0.1:6379", "10.0.0.9:6379")), direction::unknown);
}

TEST(direction, every_name_reads_back) {
  for (const auto value : all_directions)
    EXPECT_EQ(parse_direction(to_string(value)), value) << to_string(value);
  EXPECT_EQ(parse_direction("Inbound"), std::nullopt);
}

}  // namespace
}  // namespace waitstate
