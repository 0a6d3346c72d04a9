#include "waitstate/snapshot/snapshot_builder.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

using tcp::state;

tcp::endpoint at(std::string_view text) {
  return *tcp::parse_endpoint(text);
}

socket_record connection(state s, std::string_view local, std::string_view remote) {
  return {.flow = {.local = at(local), .remote = at(remote)}, .state = s};
}

network_namespace default_namespace() {
  network_namespace ns;
  ns.sysctls = {{"net.ipv4.ip_local_port_range", "32768 60999"},
                {"net.ipv4.ip_local_reserved_ports", "40001"}};
  return ns;
}

TEST(snapshot_builder, groups_outbound_connections_by_destination) {
  snapshot_builder builder;
  builder.add_namespace(default_namespace());
  for (int port = 40000; port < 40100; ++port) {
    builder.add(connection(state::time_wait, "10.0.0.1:" + std::to_string(port), "10.0.0.9:80"));
  }
  builder.add(connection(state::time_wait, "10.0.0.1:40000", "10.0.0.8:80"));
  const auto s = builder.finish({});

  ASSERT_EQ(s.groups.size(), 2U);
  EXPECT_EQ(s.groups[0].count, 100U);
  EXPECT_EQ(s.groups[0].key.direction, direction::outbound);
  EXPECT_EQ(s.groups[0].key.remote, at("10.0.0.9:80"));
  EXPECT_EQ(s.groups[0].key.local, at("10.0.0.1"));
  EXPECT_EQ(s.groups[0].local_ports_in_range, 99U) << "one port is reserved";
  EXPECT_EQ(s.groups[0].odd_local_ports, 50U);
  ASSERT_EQ(s.sources.size(), 1U);
  EXPECT_EQ(s.sources[0].connections, 101U);
  EXPECT_EQ(s.sources[0].ports.size(), 100U);
}

TEST(snapshot_builder, groups_inbound_connections_by_listener_and_peer_address) {
  snapshot_builder builder;
  builder.add_namespace(default_namespace());
  builder.add({.flow = {.local = at("0.0.0.0:80"), .remote = {}},
               .state = state::listen,
               .receive_queue = 3,
               .send_queue = 128});
  builder.add(connection(state::close_wait, "10.0.0.1:80", "10.0.0.9:50000"));
  builder.add(connection(state::close_wait, "10.0.0.1:80", "10.0.0.9:50001"));
  const auto s = builder.finish({});

  ASSERT_EQ(s.listeners.size(), 1U);
  EXPECT_EQ(s.listeners[0].accept_queue, 3U);
  EXPECT_EQ(s.listeners[0].backlog, 128U);
  EXPECT_TRUE(s.namespaces[0].bound_ports.contains(80));
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].count, 2U);
  EXPECT_EQ(s.groups[0].key.local, at("10.0.0.1:80"));
  EXPECT_EQ(s.groups[0].key.remote, at("10.0.0.9"));
  EXPECT_EQ(s.states().of(state::close_wait), 2U);
  EXPECT_EQ(s.states().of(state::listen), 1U);
}

TEST(snapshot_builder, keeps_only_service_ports_where_the_direction_is_unknown) {
  snapshot_builder builder;
  builder.add_namespace({});
  builder.add(connection(state::established, "10.0.0.1:50123", "10.0.0.9:3306"));
  builder.add(connection(state::established, "10.0.0.1:50124", "10.0.0.9:3306"));
  const auto s = builder.finish({});
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].key.direction, direction::unknown);
  EXPECT_EQ(s.groups[0].key.local, at("10.0.0.1"));
  EXPECT_EQ(s.groups[0].key.remote, at("10.0.0.9:3306"));
}

TEST(snapshot_builder, a_bound_socket_only_takes_its_port) {
  snapshot_builder builder;
  builder.add_namespace(default_namespace());
  builder.add(
      {.flow = {.local = at("10.0.0.1:40000"), .remote = {}}, .state = state::bound_inactive});
  const auto s = builder.finish({});
  EXPECT_TRUE(s.groups.empty());
  EXPECT_TRUE(s.namespaces[0].bound_ports.contains(40000));
}

TEST(snapshot_builder, folds_peers_when_nearly_full_and_counts_what_it_drops) {
  snapshot_builder builder({.groups_max = 8});
  builder.add_namespace(default_namespace());
  builder.add({.flow = {.local = at("0.0.0.0:80"), .remote = {}}, .state = state::listen});
  for (int i = 1; i <= 100; ++i) {
    builder.add(
        connection(state::established, "10.0.0.1:80", "10.0.1." + std::to_string(i) + ":50000"));
  }
  for (const auto s : {state::close_wait, state::last_ack}) {
    builder.add(connection(s, "10.0.0.1:80", "10.0.2.1:50000"));
  }
  const auto s = builder.finish({});

  EXPECT_EQ(s.groups.size(), 8U);
  EXPECT_EQ(s.groups[0].count, 94U);
  EXPECT_TRUE(s.groups[0].folded);
  EXPECT_FALSE(s.groups[0].key.remote.address.is_known());
  EXPECT_EQ(s.dropped, 1U);
  EXPECT_EQ(s.states().total(), 103U) << "states count everything";
  ASSERT_EQ(s.limits.size(), 2U);
  EXPECT_EQ(s.limits[0].id, "folded-groups");
  EXPECT_EQ(s.limits[1].text, "1 socket counted by state only: more than 8 groups");
}

TEST(snapshot_builder, numbers_names_once_and_bounds_them) {
  snapshot_builder builder({.names_max = 3});
  const auto db = builder.name("db");
  EXPECT_EQ(builder.name("db"), db);
  EXPECT_NE(builder.name("web"), db);
  const auto rest = builder.name("third");
  EXPECT_EQ(builder.name("fourth"), rest);
  const auto s = builder.finish({});
  EXPECT_EQ(s.text_of(db), "db");
  EXPECT_EQ(s.text_of(rest), "...");
  EXPECT_EQ(s.limits.at(0).id, "folded-names");
}

TEST(snapshot_builder, folds_messages_that_differ_in_numbers_only) {
  snapshot_builder builder({.messages_max = 2});
  for (const auto* text : {"[1.5] nf_conntrack: table full", "[2.25] nf_conntrack: table full"}) {
    builder.add_message({.kind = message_kind::conntrack_full, .text = text});
  }
  builder.add_message({.kind = message_kind::too_many_orphans, .text = "a"});
  builder.add_message({.kind = message_kind::too_many_orphans, .text = "b"});
  const auto s = builder.finish({});
  ASSERT_EQ(s.messages.size(), 2U);
  EXPECT_EQ(s.messages[0].count, 2U);
  EXPECT_EQ(s.limits.at(0).id, "unkept-messages");
}

TEST(snapshot_builder, keeps_a_number_of_ports_that_only_was_counted) {
  snapshot_builder builder;
  builder.add_namespace({});
  builder.add_counted_ports(0, *tcp::parse_address("127.0.0.6"), 28232);
  const auto s = builder.finish({});
  ASSERT_EQ(s.sources.size(), 1U);
  EXPECT_EQ(s.sources[0].ports_counted, 28232U);
  EXPECT_TRUE(s.sources[0].ports.empty());
}

TEST(snapshot_builder, is_empty_after_finish_and_always_has_a_namespace) {
  snapshot_builder builder;
  builder.add_namespace({});
  builder.add(connection(state::established, "10.0.0.1:80", "10.0.0.9:50000"));
  EXPECT_EQ(builder.finish({}).groups.size(), 1U);
  const auto again = builder.finish({});
  EXPECT_TRUE(again.groups.empty());
  EXPECT_EQ(again.namespaces.size(), 1U);
}

}  // namespace
}  // namespace waitstate
