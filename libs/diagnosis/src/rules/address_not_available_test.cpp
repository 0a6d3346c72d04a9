#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

message about(const char* address, std::uint16_t port) {
  auto m = said(message_kind::address_not_local, "Cannot assign requested address");
  m.endpoint = endpoint_of(address, port);
  return m;
}

TEST(address_not_available, names_the_address) {
  auto s = host();
  s.messages.push_back(about("203.0.113.7", 80));
  const auto found = address_not_available(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "this host has no address for 203.0.113.7:80");
  EXPECT_TRUE(mentions(found[0], "ip -br address"));
  EXPECT_TRUE(mentions(found[0], "ip_nonlocal_bind"));
}

TEST(address_not_available, knows_ipv6_and_other_systems) {
  auto s = paste(os_family::macos);
  s.messages.push_back(about("::1", 3003));
  const auto found = address_not_available(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "this host has no address for [::1]:3003");
  EXPECT_TRUE(mentions(found[0], "ifconfig"));
  EXPECT_FALSE(mentions(found[0], "sysctl"));
}

TEST(address_not_available, is_not_about_ports) {
  auto s = host();
  s.messages.push_back(said(message_kind::address_not_available, "no port"));
  EXPECT_TRUE(address_not_available(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
