#include "judgement/direction.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

constexpr auto outbound_side = direction::outbound;
constexpr auto inbound_side = direction::inbound;

socket_group between(const char* local, std::uint16_t local_port, const char* remote,
                     std::uint16_t remote_port) {
  socket_group g;
  g.count = 1;
  g.key.state = tcp::state::close_wait;
  if (local[0] != '\0') g.key.local.address = endpoint_of(local, 0).address;
  if (remote[0] != '\0') g.key.remote.address = endpoint_of(remote, 0).address;
  g.key.local.port = local_port;
  g.key.remote.port = remote_port;
  return g;
}

TEST(direction, is_guessed_from_the_one_port_that_is_a_services) {
  struct row {
    const char* local;
    std::uint16_t local_port;
    const char* remote;
    std::uint16_t remote_port;
    direction pasted;
    direction live;
  };
  constexpr auto none = direction::unknown;
  constexpr std::array rows{
      row{"10.0.0.5", 0, "10.0.0.7", 443, outbound_side, outbound_side},
      row{"10.0.0.5", 443, "10.0.0.7", 0, inbound_side, inbound_side},
      row{"10.0.0.5", 443, "", 0, inbound_side, inbound_side},
      row{"", 0, "10.0.0.7", 443, outbound_side, outbound_side},
      row{"10.0.0.5", 0, "10.0.0.7", 0, none, outbound_side},
      row{"10.0.0.5", 443, "10.0.0.7", 443, none, outbound_side},
      row{"", 443, "", 0, none, outbound_side},  // a count for a port
      row{"", 0, "", 443, none, outbound_side},
  };
  for (const auto& r : rows) {
    const auto g = between(r.local, r.local_port, r.remote, r.remote_port);
    const auto in_a_paste = side_of(paste(), g);
    EXPECT_EQ(in_a_paste.direction, r.pasted) << (&r - rows.data());
    EXPECT_TRUE(in_a_paste.is_guessed);
    EXPECT_EQ(side_of(host(), g).direction, r.live) << (&r - rows.data());
  }
}

TEST(direction, that_the_source_saw_is_no_guess) {
  auto g = between("10.0.0.5", 443, "10.0.0.7", 0);
  g.key.direction = direction::outbound;
  EXPECT_EQ(side_of(paste(), g).direction, direction::outbound);
  EXPECT_FALSE(side_of(paste(), g).is_guessed);
}

TEST(direction, of_sockets_that_tell_nothing_is_told_by_how_many_there_are_at_each_end) {
  struct row {
    undirected_sockets sockets;
    direction expected;
  };
  constexpr std::array rows{
      row{{.peers = 4, .local_addresses = 1}, outbound_side},
      row{{.peers = 5, .local_addresses = 1}, inbound_side},
      row{{.peers = 5, .local_addresses = 2}, outbound_side},
      row{{.peers = 5, .local_addresses = 1, .port = 8080}, outbound_side},
      row{{.peers = 0, .local_addresses = 2}, outbound_side},
      row{{}, outbound_side},
  };
  for (const auto& r : rows) {
    const auto told = side_of(paste(), r.sockets);
    EXPECT_EQ(told.direction, r.expected) << (&r - rows.data());
    EXPECT_TRUE(told.is_guessed);
  }
}

TEST(direction, of_such_sockets_is_a_servers_where_one_listens_or_failed_to_accept) {
  auto listening = paste();
  put_listener(listening, "0.0.0.0", 8080, 0, 128);
  EXPECT_EQ(side_of(listening, undirected_sockets{}).direction, inbound_side);
  EXPECT_EQ(side_of(listening, undirected_sockets{.local_addresses = 1}).direction, inbound_side);
  EXPECT_EQ(side_of(listening, undirected_sockets{.local_addresses = 2}).direction, outbound_side)
      << "several source addresses and no peer are a client's";

  auto failing = paste();
  failing.messages.push_back(
      said(message_kind::too_many_open_files, "accept() failed: Too many open files"));
  EXPECT_EQ(side_of(failing, undirected_sockets{}).direction, inbound_side);
  failing.messages.front().text = "socket() failed: Too many open files";
  EXPECT_EQ(side_of(failing, undirected_sockets{}).direction, outbound_side);
}

}  // namespace
}  // namespace waitstate::diagnosis
