#include "advice/packets.h"

#include <gtest/gtest.h>

#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(watch_packets, has_a_filter_of_the_family_of_the_peer) {
  const auto s = host();
  EXPECT_EQ(watch_packets(s, endpoint_of("10.0.0.9", 80), packets::handshakes).command,
            "tcpdump -ni any 'tcp[tcpflags] & tcp-syn != 0 and host 10.0.0.9 and port 80'\n");
  EXPECT_EQ(watch_packets(s, endpoint_of("fd99::2", 80), packets::handshakes).command,
            "tcpdump -ni any 'ip6[53] & 2 != 0 and host fd99::2 and port 80'\n");
  EXPECT_EQ(watch_packets(s, endpoint_of("fd99::2", 80), packets::all).command,
            "tcpdump -ni any 'tcp and host fd99::2 and port 80'\n");
  EXPECT_EQ(watch_packets(s, {}, packets::all).command,
            "tcpdump -ni any 'tcp and host HOST and port PORT'\n");
}

}  // namespace
}  // namespace waitstate::diagnosis
