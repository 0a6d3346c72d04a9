#include "http/authority.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(authority, is_a_host_with_or_without_a_port) {
  const auto named = authority_of("a_b-c.Example~1.");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->host, "a_b-c.Example~1.");
  EXPECT_EQ(named->port, 0);
  const auto sixth = authority_of("[fe80::1%25eth0]:65535");
  ASSERT_TRUE(sixth);
  EXPECT_EQ(sixth->host, "[fe80::1%25eth0]");
  EXPECT_EQ(sixth->port, 65535);
}

TEST(authority, nothing_else_is_one) {
  for (const auto* text :
       {"",       ":80",     "a:",  "a:0", "a:65536", "a:000080", "a:+80",    "a:80:80", "a b",
        "a,b",    "u@a",     "a/",  "a?b", "a\\b",    "a%2eb",    "\xc3\xa9", "[]",      "[::1",
        "[::1]x", "[::1]80", "::1", "[a]", "[::1 ]",  "[::1/]",   "[[::1]]"}) {
    EXPECT_FALSE(authority_of(text)) << text;
  }
}

TEST(authority, the_usual_port_is_the_same_as_none) {
  const auto same = [](std::string_view a, std::string_view b) {
    const auto one = authority_of(a);
    const auto other = authority_of(b);
    return one && other && is_same(*one, *other, 80);
  };
  EXPECT_TRUE(same("A.example", "a.Example:80"));
  EXPECT_TRUE(same("a:81", "a:81"));
  EXPECT_FALSE(same("a", "a:81"));
  EXPECT_FALSE(same("a", "a."));
  EXPECT_FALSE(same("a:80", "b:80"));
}

}  // namespace
}  // namespace waitstate::sidecar
