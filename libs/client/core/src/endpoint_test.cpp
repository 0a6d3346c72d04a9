#include "waitstate/client/core/endpoint.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(endpoint, reads_names_addresses_and_paths) {
  EXPECT_EQ(*parse_endpoint("db.internal:5432"), (endpoint{"db.internal", 5432}));
  EXPECT_EQ(*parse_endpoint("[fe80::1]:6379"), (endpoint{"fe80::1", 6379}));
  EXPECT_EQ(*parse_endpoint("unix:/run/db.sock"), (endpoint{"/run/db.sock", 0}));
  EXPECT_EQ(*parse_endpoint("/run/db.sock"), (endpoint{"/run/db.sock", 0}));
}

TEST(endpoint, writes_what_it_reads) {
  for (const auto* text :
       {"db.internal:5432", "10.0.0.7:80", "[fe80::1]:6379", "unix:/run/db.sock"}) {
    EXPECT_EQ(to_string(*parse_endpoint(text)), text);
  }
}

TEST(endpoint, says_which_part_is_wrong) {
  const auto why = [](const char* text) { return parse_endpoint(text).error().what; };
  EXPECT_EQ(why("db"), "endpoint 'db': no port");
  EXPECT_EQ(why(":80"), "endpoint ':80': no host");
  EXPECT_EQ(why("::1:80"), "endpoint '::1:80': IPv6 needs brackets");
  EXPECT_EQ(why("[::1]"), "endpoint '[::1]': no port");
  EXPECT_EQ(why("db:0"), "endpoint 'db:0': the port is not a number from 1 to 65535");
  EXPECT_EQ(why("db:80x"), "endpoint 'db:80x': the port is not a number from 1 to 65535");
  EXPECT_EQ(why("unix:run"), "endpoint 'unix:run': a unix socket's path starts with /");
  EXPECT_EQ(why("http://db:80"), "endpoint 'http://db:80': not a host");
  EXPECT_EQ(why("db\r\nX:80"), "endpoint 'db??X:80': a control character");
}

}  // namespace
}  // namespace waitstate::client
