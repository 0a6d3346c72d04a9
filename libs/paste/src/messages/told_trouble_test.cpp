#include "messages/told_trouble.h"

#include <optional>
#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::optional<message_kind> told_by(std::string_view passage) {
  return told_trouble(plain_passage(passage));
}

TEST(told_trouble, reads_of_peers_that_vanished_while_their_connections_stand) {
  for (const std::string_view passage : {
           "After I unplug the network cable the server keeps the connection ESTABLISHED forever",
           "The client crashed and webdis keeps the connection: no FIN, and it stays open for "
           "hours",
           "The firewall drops idle flows, and our worker hangs in read() on them",
           "It closes on client side, but on the server it is still in ESTABLISHED mode",
           "netstat shows half-open connections that are never closed until we restart",
           "Our reader is stuck on a half-open socket for 23 hours",
           "After a failover we get command timeouts for 15 minutes",
           "It takes 15 min until the client reconnects",
       }) {
    EXPECT_EQ(told_by(passage), message_kind::peer_gone) << passage;
  }
}

TEST(told_trouble, reads_of_connections_that_were_used_after_the_server_had_closed_them) {
  for (const std::string_view passage : {
           "We get 502 now and then. The ALB idle timeout is 60 s and Node defaults to 5",
           "The server's keep-alive timeout is shorter than the client's, so we see ECONNRESET",
           "wait_timeout is lower than the pool's idle timeout and MySQL server has gone away",
           "The upstream closes idle connections after its timeout, then our proxy says "
           "'connection reset by peer'",
       }) {
    EXPECT_EQ(told_by(passage), message_kind::stale_connection) << passage;
  }
}

TEST(told_trouble, reads_of_ports_that_ran_out) {
  EXPECT_EQ(told_by("Under load we ran out of ephemeral ports to the origin"),
            message_kind::address_not_available);
  EXPECT_EQ(told_by("Without a proxy we could run out of ports"), std::nullopt);
}

TEST(told_trouble, passes_over_advice_and_what_a_change_is_for) {
  for (const std::string_view passage : {
           "Add SO_KEEPALIVE to avoid that the server keeps dead connections forever",
           "Set keepAliveTimeout to 65 s, longer than the ALB's idle timeout, to prevent 502",
           "You can set an idle timeout so that a half-open connection is not kept forever",
           "If you unplug the cable the connection stays open",
           "Enable keep-alive: without it, half-open connections stay established forever",
           "The idle timeout is 60 s",
           "The connection stays open for hours",
           "The router was rebooted",
           "A job that runs every 15 minutes",
       }) {
    EXPECT_EQ(told_by(passage), std::nullopt) << passage;
  }
}

TEST(told_trouble, knows_a_pool_to_an_upstream_by_its_directive) {
  EXPECT_TRUE(tells_of_idle_close("keepalive 32;"));
  EXPECT_TRUE(tells_of_idle_close("  keepalive: 320"));
  EXPECT_FALSE(tells_of_idle_close("keepalive"));
  EXPECT_FALSE(tells_of_idle_close("keepalive timeout 65;"));
  EXPECT_FALSE(tells_of_idle_close(""));
}

TEST(told_trouble, tells_witnesses_from_pages) {
  EXPECT_TRUE(is_of_a_witness(plain_passage("Last night I've seen it again")));
  EXPECT_TRUE(is_of_a_witness(plain_passage("It stopped our gateway")));
  EXPECT_FALSE(is_of_a_witness(plain_passage("A socket in this state waits for close()")));
}

TEST(told_trouble, weighs_words_of_who_connects_against_those_of_who_listens) {
  EXPECT_GT(clients_told(plain_passage("a load test with a client per request")), 0);
  EXPECT_LT(clients_told(plain_passage("the server does not listen after a restart")), 0);
}

TEST(told_trouble, makes_a_passage_plain) {
  EXPECT_EQ(plain_passage("`Keep-Alive` **doesn't** help 'it'"), "keep alive doesn't help it");
}

}  // namespace
}  // namespace waitstate::paste
