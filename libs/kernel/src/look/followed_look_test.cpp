#include "look/followed_look.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

followed met_on(std::uint64_t net_namespace) {
  followed met;
  met.watched = std::chrono::seconds(5);
  // Nobody has such a pid: PID_MAX_LIMIT is 2^22.
  constexpr std::int32_t gone = 5'000'000;
  met.processes[gone] = {.name = "curl"};
  met_flow flow{.net_namespace = net_namespace, .opener = gone, .closer = gone};
  flow.flow.direction = direction::outbound;
  flow.flow.ended = 3;
  met.flows.push_back(flow);
  met.sockets.insert(4711, net_namespace, {.closer = gone});
  met.sockets.insert(4712, net_namespace, {.close_wait_ms = 251});
  return met;
}

TEST(followed_look, names_who_closed_what_nobody_holds) {
  followed_look look(met_on(6));
  const auto* const closer = look.closer_of({.cookie = 4711}, 6);
  ASSERT_NE(closer, nullptr);
  EXPECT_EQ(closer->name, "curl");
  EXPECT_EQ(look.closer_of({.cookie = 4711}, 7), nullptr);
  EXPECT_EQ(look.closer_of({.cookie = 4712}, 6), nullptr);
  EXPECT_EQ(look.closer_of({}, 6), nullptr);
}

TEST(followed_look, knows_how_long_a_close_wait_is_one) {
  followed_look look(met_on(6));
  socket_record s{.state = tcp::state::close_wait, .cookie = 4712};
  look.add_age(s, 6);
  EXPECT_EQ(s.in_state_ms, 250U);
  socket_record other{.state = tcp::state::close_wait, .cookie = 4713};
  look.add_age(other, 6);
  EXPECT_FALSE(other.in_state_ms);
}

TEST(followed_look, tells_of_the_namespaces_that_were_looked_into) {
  socket_owners owners(descriptor_scan{});
  followed_look look(met_on(6));
  EXPECT_TRUE(look.flows({{.inode = 7, .index = 0}}, owners).flows.empty());
  const auto made = look.flows({{.inode = 7, .index = 0}, {.inode = 6, .index = 1}}, owners);
  ASSERT_EQ(made.flows.size(), 1U);
  EXPECT_EQ(made.watched, std::chrono::seconds(5));
  EXPECT_EQ(made.flows[0].net_namespace, 1U);
  EXPECT_EQ(made.flows[0].ended, 3U);
  EXPECT_EQ(made.flows[0].programs, 1U);
  EXPECT_EQ(made.flows[0].opener, made.flows[0].closer);
  EXPECT_EQ(owners.take_processes().at(made.flows[0].opener.value()).name, "curl");
}

}  // namespace
}  // namespace waitstate::kernel
