#include "packet.h"

#include <string>

#include <gtest/gtest.h>

#include "written_capture.h"

namespace waitstate::capture {
namespace {

constexpr written_segment segment{.from = {.last = 1, .port = 40'000},
                                  .to = {.last = 7, .port = 80},
                                  .flags = syn,
                                  .sequence = 0x01020304,
                                  .payload = 9};

std::optional<packet> decoded(int link_type, std::string_view frame) {
  return decode(link_type, {reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()});
}

TEST(packet, is_read_from_cooked_frames_and_ethernet) {
  for (const int link_type : {113, 1}) {
    const auto frame = written_capture(static_cast<std::uint32_t>(link_type)).frame_of(segment);
    const auto p = decoded(link_type, frame);
    ASSERT_TRUE(p) << link_type;
    EXPECT_EQ(tcp::to_string(p->from), "10.0.0.1:40000");
    EXPECT_EQ(tcp::to_string(p->to), "10.0.0.7:80");
    EXPECT_EQ(p->sequence, 0x01020304U);
    EXPECT_EQ(p->payload, 9U);
    EXPECT_TRUE(p->syn);
    EXPECT_FALSE(p->ack || p->fin || p->rst);
    EXPECT_EQ(p->sent_here, link_type == 113 ? std::optional(true) : std::nullopt);
  }
}

TEST(packet, has_tags_loopback_headers_or_none_before_it) {
  const auto ethernet = written_capture(1).frame_of(segment);
  const auto ip = ethernet.substr(14);
  const std::string vlan = ethernet.substr(0, 12) + std::string("\x81\x00\x00\x05\x08\x00", 6) + ip;
  EXPECT_TRUE(decoded(1, vlan));
  EXPECT_TRUE(decoded(12, ip));
  EXPECT_TRUE(decoded(0, std::string("\x02\x00\x00\x00", 4) + ip));
  EXPECT_TRUE(decoded(276, std::string(20, '\0') + ip));
}

TEST(packet, of_ipv6_stands_behind_its_extension_headers) {
  const auto segment_bytes = written_capture(1).frame_of(segment).substr(34);
  std::string ip("\x60\x00\x00\x00\x00\x25\x00\x40", 8);  // 8 of options, 20 of TCP, 9 of data
  ip.append(15, '\0').append("\x01").append(15, '\0').append("\x02");
  ip += std::string("\x06\x00\x01\x04\x00\x00\x00\x00", 8) + segment_bytes;
  const auto p = decoded(12, ip);
  ASSERT_TRUE(p);
  EXPECT_EQ(tcp::to_string(p->from), "[::1]:40000");
  EXPECT_EQ(p->payload, 9U);
}

TEST(packet, is_none_where_it_is_cut_or_something_else) {
  const auto frame = written_capture(1).frame_of(segment);
  for (std::size_t length = 0; length < frame.size(); ++length) {
    EXPECT_FALSE(decoded(1, frame.substr(0, length))) << length;
  }
  auto udp = frame;
  udp[23] = 17;
  EXPECT_FALSE(decoded(1, udp));
  auto fragment = frame;
  fragment[21] = 1;
  EXPECT_FALSE(decoded(1, fragment));
  EXPECT_FALSE(decoded(9999, frame));
}

}  // namespace
}  // namespace waitstate::capture
