#include "trace/flow_reader.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

flow_key outbound() {
  flow_key key{.opener = 12,
               .closer = 13,
               .net_namespace = 7,
               .port = htons(80),
               .family = AF_INET,
               .side = side_outbound};
  ::inet_pton(AF_INET, "10.0.0.2", &key.address);
  return key;
}

flow_sums sums() {
  flow_sums made{.opened = 5,
                 .ended = 4,
                 .established = 3,
                 .closed_here_first = 2,
                 .closed_by_peer_first = 1,
                 .resets = 1,
                 .sent = 100,
                 .received = 200,
                 .opener_parent = 11};
  made.lives[10] = 3;
  made.sizes[6] = 3;
  std::memcpy(&made.opener_name, "curl", 5);
  std::memcpy(&made.closer_name, "fifteen-letters", 16);
  std::memcpy(&made.parent_name, "bash", 5);
  return made;
}

TEST(flow_reader, takes_all_that_was_added_up) {
  std::map<std::int32_t, met_process> processes;
  const auto met = read_flow(outbound(), sums(), processes);
  EXPECT_EQ(met.net_namespace, 7U);
  EXPECT_EQ(met.opener, 12);
  EXPECT_EQ(met.closer, 13);
  EXPECT_EQ(to_string(met.flow.end), "10.0.0.2:80");
  EXPECT_EQ(met.flow.direction, direction::outbound);
  EXPECT_EQ(met.flow.opened, 5U);
  EXPECT_EQ(met.flow.ended, 4U);
  EXPECT_EQ(met.flow.established, 3U);
  EXPECT_EQ(met.flow.closed_here_first, 2U);
  EXPECT_EQ(met.flow.closed_by_peer_first, 1U);
  EXPECT_EQ(met.flow.resets, 1U);
  EXPECT_EQ(met.flow.bytes_sent, 100U);
  EXPECT_EQ(met.flow.bytes_received, 200U);
  EXPECT_EQ(met.flow.lives_us.half_below(), 2048U);
  EXPECT_EQ(met.flow.sizes.half_below(), 128U);
  EXPECT_EQ(processes[12].name, "curl");
  EXPECT_EQ(processes[12].parent, 11);
  EXPECT_EQ(processes[12].parent_name, "bash");
  EXPECT_EQ(processes[13].name, "fifteen-letters");
}

TEST(flow_reader, a_flow_that_was_open_before_has_neither_side_nor_end) {
  auto key = outbound();
  key.side = side_unknown;
  key.opener = 0;
  std::map<std::int32_t, met_process> processes;
  const auto met = read_flow(key, sums(), processes);
  EXPECT_EQ(met.flow.direction, direction::unknown);
  EXPECT_EQ(met.flow.end, tcp::endpoint{});
  EXPECT_EQ(processes.size(), 1U);
}

TEST(flow_reader, folds_mapped_addresses) {
  auto key = outbound();
  key.family = AF_INET6;
  ::inet_pton(AF_INET6, "::ffff:10.0.0.9", &key.address);
  std::map<std::int32_t, met_process> processes;
  EXPECT_EQ(to_string(read_flow(key, sums(), processes).flow.end), "10.0.0.9:80");
}

}  // namespace
}  // namespace waitstate::kernel
