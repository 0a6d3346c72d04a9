#include "waitstate/tcp/endpoint.h"

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

endpoint at(std::string_view address, std::uint16_t port) {
  return {.address = *parse_address(address), .port = port};
}

TEST(endpoint, reads_the_forms_people_type) {
  EXPECT_EQ(parse_endpoint("10.0.0.7:80"), at("10.0.0.7", 80));
  EXPECT_EQ(parse_endpoint("[fe80::1]:6379"), at("fe80::1", 6379));
  EXPECT_EQ(parse_endpoint("fe80::1"), at("fe80::1", 0));
  EXPECT_EQ(parse_endpoint("10.0.0.7"), at("10.0.0.7", 0));
  EXPECT_EQ(parse_endpoint(":80"), (endpoint{.address = {}, .port = 80}));
  EXPECT_EQ(parse_endpoint("*:80"), (endpoint{.address = {}, .port = 80}));
}

TEST(endpoint, refuses_what_is_not_one) {
  for (const auto* text : {"", "db:80", "10.0.0.7:", "10.0.0.7:65536", "[10.0.0.7]:80", "[::1]",
                           "10.0.0.7:80x", "fe80::1:80:zz"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(endpoint, writes_v6_in_brackets_and_unknown_parts_as_stars) {
  EXPECT_EQ(to_string(at("10.0.0.7", 80)), "10.0.0.7:80");
  EXPECT_EQ(to_string(at("::1", 80)), "[::1]:80");
  EXPECT_EQ(to_string(at("::1", 0)), "[::1]:*");
  EXPECT_EQ(to_string(endpoint{}), "*:*");
}

}  // namespace
}  // namespace waitstate::tcp
