#include "judgement/other_end.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

/// The server's side of outbound(state, remote, port, count), in a namespace.
socket_group accepted(const char* local, std::uint16_t port, const char* client,
                      std::uint32_t net_namespace, const owner_ref& owner) {
  auto group = inbound(state::established, port, 3);
  group.key.net_namespace = net_namespace;
  group.key.owner = owner;
  group.key.local.address = endpoint_of(local, 0).address;
  group.key.remote.address = endpoint_of(client, 0).address;
  return group;
}

struct joined : testing::Test {
  snapshot s = host();
  owner_ref client = add_process(s, 10, "client");
  owner_ref server = add_process(s, 20, "server");
  one_end ours{.side = direction::outbound, .endpoint = endpoint_of("10.0.0.7", 80)};

  joined() {
    s.namespaces.push_back({.name = "blue", .inode = 2});
    s.namespaces.push_back({.name = "red", .inode = 3});
    put(s, to(state::established, "10.0.0.7", 80, 3).of(client));
  }

  [[nodiscard]] std::string said(const one_end& end) const {
    std::vector<evidence> proof;
    add_other_end(s, end, proof);
    return proof.empty() ? "" : proof.front().value;
  }
};

TEST_F(joined, is_in_another_namespace_by_both_addresses_and_the_port) {
  EXPECT_EQ(said(ours), "");
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.6", 1, server));
  s.groups.push_back(accepted("10.0.0.7", 81, "10.0.0.5", 1, server));
  EXPECT_EQ(said(ours), "") << "another client, another port";
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.5", 1, server));
  EXPECT_EQ(said(ours), "server (pid 20), in blue");
  EXPECT_EQ(said({.net_namespace = 1, .side = direction::inbound, .endpoint = {{}, 80}}),
            "client (pid 10), in net:[0]");
}

TEST_F(joined, is_nobody_where_two_namespaces_use_the_same_addresses) {
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.5", 1, server));
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.5", 2, server));
  EXPECT_EQ(said(ours), "");
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.5", 0, server));
  EXPECT_EQ(said(ours), "server (pid 20)") << "its own";
}

TEST_F(joined, is_the_listener_where_nothing_is_accepted) {
  s.groups.push_back(accepted("10.0.0.7", 80, "10.0.0.5", 1, {.kind = ownership::none}));
  put_listener(s, "0.0.0.0", 80, 3, 128, server).net_namespace = 1;
  EXPECT_EQ(said(ours), "server (pid 20), in blue");
  s.source = source_kind::pasted;
  EXPECT_EQ(said(ours), "");
}

TEST_F(joined, of_loopback_is_never_in_another_namespace) {
  const one_end over_loopback{.side = direction::outbound,
                              .endpoint = endpoint_of("127.0.0.1", 80)};
  put_listener(s, "127.0.0.1", 80, 0, 128, server).net_namespace = 1;
  EXPECT_EQ(said(over_loopback), "");
  put_listener(s, "0.0.0.0", 80, 0, 128, server);
  EXPECT_EQ(said(over_loopback), "server (pid 20)");
}

}  // namespace
}  // namespace waitstate::diagnosis
