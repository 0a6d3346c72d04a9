#include "waitstate/tcp/address.h"

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

TEST(address, reads_and_writes_both_families) {
  for (const auto* text : {"10.0.0.7", "0.0.0.0", "255.255.255.255", "fe80::1", "::", "::1",
                           "2001:db8::8:800:200c:417a"}) {
    const auto parsed = parse_address(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(to_string(*parsed), text);
  }
}

TEST(address, folds_mapped_addresses_and_drops_zones) {
  EXPECT_EQ(parse_address("::ffff:10.0.0.7"), parse_address("10.0.0.7"));
  EXPECT_EQ(parse_address("fe80::1%eth0"), parse_address("fe80::1"));
}

TEST(address, refuses_everything_else) {
  for (const auto* text : {"", "10.0.0", "10.0.0.256", "db", "[::1]", "1.2.3.4:80", "::1 ",
                           "0123:4567:89ab:cdef:0123:4567:89ab:cdef:0123:4567:89ab"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(address, knows_the_special_ones) {
  EXPECT_TRUE(parse_address("127.8.0.1")->is_loopback());
  EXPECT_TRUE(parse_address("::1")->is_loopback());
  EXPECT_FALSE(parse_address("::2")->is_loopback());
  EXPECT_TRUE(parse_address("::")->is_unspecified());
  EXPECT_TRUE(parse_address("0.0.0.0")->is_unspecified());
  EXPECT_FALSE(address().is_unspecified());
  EXPECT_FALSE(address().is_known());
}

TEST(address, keeps_the_number_of_a_name) {
  const auto masked = address::named(3);
  EXPECT_EQ(masked.name(), 3U);
  EXPECT_EQ(to_string(masked), "name#3");
  EXPECT_NE(masked, address::named(4));
  EXPECT_FALSE(address::named(0).is_unspecified());
}

TEST(address, equal_addresses_hash_alike) {
  const std::hash<address> hash;
  EXPECT_EQ(hash(*parse_address("::ffff:10.0.0.7")), hash(*parse_address("10.0.0.7")));
  EXPECT_NE(hash(*parse_address("10.0.0.7")), hash(*parse_address("10.0.0.8")));
}

}  // namespace
}  // namespace waitstate::tcp
