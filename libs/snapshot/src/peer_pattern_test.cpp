#include "waitstate/snapshot/peer_pattern.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(peer_pattern, is_written_as_it_is_read) {
  struct {
    const char* typed;
    const char* written;
  } const cases[] = {
      {"10.0.0.7", "10.0.0.7"},
      {"10.0.0.7:5432", "10.0.0.7:5432"},
      {"10.0.0.7:*", "10.0.0.7"},
      {"[fe80::1]:80", "[fe80::1]:80"},
      {"FE80::1", "fe80::1"},
      {":443", ":443"},
      {"*:443", ":443"},
      {"10.1.2.3/8", "10.0.0.0/8"},
      {"10.1.2.3/32", "10.1.2.3"},
      {"10.1.2.3/31", "10.1.2.2/31"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"fe80::1/10", "fe80::/10"},
      {"::/0", "::/0"},
      {"db.internal", "db.internal"},
      {"db.internal:3306", "db.internal:3306"},
      {"db.internal:", "db.internal:"},
      {"XX.XX.XX.XX:80", "XX.XX.XX.XX:80"},
  };
  for (const auto& c : cases) {
    const auto read = parse_peer(c.typed);
    ASSERT_TRUE(read) << c.typed;
    EXPECT_EQ(to_string(*read), c.written);
    EXPECT_EQ(parse_peer(c.written).value(), *read) << c.typed;
  }
}

TEST(peer_pattern, says_what_is_wrong_with_the_text) {
  struct {
    const char* typed;
    const char* what;
    const char* hint;
  } const cases[] = {
      {"", "'' is no peer", "an address, a network, :PORT or a name"},
      {"*:*", "'*:*' is every peer", "an address, a network, :PORT or a name"},
      {"10.0.0.0/33", "'10.0.0.0/33' is not a network",
       "behind the slash is a number from 0 to 32"},
      {"fe80::/129", "'fe80::/129' is not a network", "behind the slash is a number from 0 to 128"},
      {"10.0.0.0/", "'10.0.0.0/' is not a network", "behind the slash is a number from 0 to 32"},
      {"10.0.0/8", "'10.0.0/8' is not a network", "10.0.0.0/8, fe80::/10"},
  };
  for (const auto& c : cases) {
    const auto read = parse_peer(c.typed);
    ASSERT_FALSE(read) << c.typed;
    EXPECT_EQ(read.error().what, c.what);
    EXPECT_EQ(read.error().hint, c.hint);
  }
}

TEST(peer_pattern, means_addresses_networks_names_and_ports) {
  struct {
    const char* pattern;
    const char* remote;
    bool matches;
  } const cases[] = {
      {"10.0.0.7", "10.0.0.7:80", true},     {"10.0.0.7", "10.0.0.8:80", false},
      {"10.0.0.7:80", "10.0.0.7:80", true},  {"10.0.0.7:80", "10.0.0.7:81", false},
      {":80", "[fe80::1]:80", true},         {":80", "10.0.0.7:81", false},
      {"10.0.0.0/8", "10.255.0.7:80", true}, {"10.0.0.0/8", "11.0.0.0:80", false},
      {"10.0.0.4/30", "10.0.0.7:80", true},  {"10.0.0.4/30", "10.0.0.8:80", false},
      {"0.0.0.0/0", "10.0.0.7:80", true},    {"0.0.0.0/0", "[fe80::1]:80", false},
      {"fe80::/10", "[febf::1]:80", true},   {"fe80::/10", "[fec0::1]:80", false},
      {"db.internal", "10.0.0.7:80", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(matches(*parse_peer(c.pattern), *tcp::parse_endpoint(c.remote), ""), c.matches)
        << c.pattern << " " << c.remote;
  }
}

TEST(peer_pattern, means_a_name_as_pasted) {
  const tcp::endpoint remote{.address = tcp::address::named(0), .port = 3306};
  EXPECT_TRUE(matches(*parse_peer("db.internal"), remote, "db.internal"));
  EXPECT_TRUE(matches(*parse_peer("db.internal:3306"), remote, "db.internal"));
  EXPECT_FALSE(matches(*parse_peer("db.internal:3307"), remote, "db.internal"));
  EXPECT_FALSE(matches(*parse_peer("db"), remote, "db.internal"));
  EXPECT_FALSE(matches(*parse_peer("10.0.0.0/8"), remote, "db.internal"));
}

}  // namespace
}  // namespace waitstate
