#include "net/port_range.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(port_range, reads_what_the_kernel_writes) {
  EXPECT_EQ(parse_port_range("32768\t60999\n").value(), (port_range{32'768, 60'999}));
  EXPECT_EQ((port_range{32'768, 60'999}).size(), 28'232U);
  EXPECT_EQ(parse_port_range("40000 40000").value().size(), 1U);
  EXPECT_TRUE(read_port_range());
}

TEST(port_range, refuses_anything_else) {
  for (const auto* const bad : {"", "1", "2 1", "0 5", "1 70000", "a b", "1 2 3", "-1 5"}) {
    const auto range = parse_port_range(bad);
    ASSERT_FALSE(range) << bad;
    EXPECT_EQ(range.error().code, errc::corrupt);
  }
  EXPECT_EQ(parse_port_range("2 1").error().what, "port range '2 1': not two ports in order");
}

}  // namespace
}  // namespace waitstate::client
