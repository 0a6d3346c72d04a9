#include "waitstate/tcp/port_set.h"

#include <initializer_list>

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

TEST(port_range, reads_the_kernels_form_and_refuses_others) {
  EXPECT_EQ(parse_port_range("32768\t60999\n"), (port_range{32768, 60999}));
  EXPECT_EQ(parse_port_range("1024 65535"), (port_range{1024, 65535}));
  EXPECT_EQ(parse_port_range("49152-65535"), (port_range{49152, 65535}));
  for (const auto* text : {"", "1024", "2 1", "1 65536", "a b", "1 2 3", "1 -"}) {
    EXPECT_EQ(parse_port_range(text), std::nullopt) << text;
  }
}

TEST(port_range, is_inclusive) {
  EXPECT_EQ((port_range{32768, 60999}.size()), 28232U);
  EXPECT_EQ((port_range{5, 5}.size()), 1U);
  EXPECT_TRUE((port_range{1, 65535}.contains(65535)));
}

TEST(port_set, reads_single_ports_and_ranges) {
  const auto ports = parse_port_set("8080, 9000-9009\n");
  ASSERT_TRUE(ports);
  EXPECT_EQ(ports->size(), 11U);
  EXPECT_TRUE(ports->contains(8080));
  EXPECT_TRUE(ports->contains(9009));
  EXPECT_FALSE(ports->contains(9010));
  EXPECT_TRUE(parse_port_set("")->empty());
  EXPECT_EQ(parse_port_set("8080,x"), std::nullopt);
}

TEST(port_set, is_written_in_the_kernels_form) {
  for (const auto* text : {"", "0", "8080", "8080,9000-9010", "1-2,65535", "0-65535"}) {
    EXPECT_EQ(to_string(*parse_port_set(text)), text);
  }
  EXPECT_EQ(to_string(*parse_port_set("9010, 9000-9009\n,9001")), "9000-9010");
}

TEST(port_set, counts_inside_a_range_and_by_parity) {
  port_set ports;
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{10, 11, 12, 65535})
    ports.insert(port);
  EXPECT_EQ(ports.count_in({.low = 10, .high = 11}), 2U);
  EXPECT_EQ(ports.count_in({.low = 0, .high = 65535}), 4U);
  EXPECT_EQ(ports.count_in({.low = 10, .high = 12}, 0), 2U);
  EXPECT_EQ(ports.count_in({.low = 10, .high = 12}, 1), 1U);
}

}  // namespace
}  // namespace waitstate::tcp
