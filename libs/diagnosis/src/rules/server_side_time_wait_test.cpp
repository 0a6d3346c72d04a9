#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(server_side_time_wait, says_why_thousands_are_fine) {
  auto s = host();
  s.groups.push_back(inbound(tcp::state::time_wait, 443, 4'000));
  s.groups.push_back(inbound(tcp::state::time_wait, 80, 211));
  const auto f = server_side_time_wait(s).at(0);
  EXPECT_EQ(f.severity, severity::info);
  EXPECT_EQ(
      f.title,
      "4,211 sockets in TIME-WAIT are normal: on the server's side they cost about 1.0 MiB and "
      "block no port");
  EXPECT_EQ(f.evidence.at(0).value, "4,000 on port 443 and 211 on port 80");
}

TEST(server_side_time_wait, a_few_on_a_live_host_are_not_worth_a_word) {
  auto s = host();
  s.groups.push_back(inbound(tcp::state::time_wait, 443, 99));
  EXPECT_TRUE(server_side_time_wait(s).empty());
  s.source = source_kind::pasted;  // somebody pasted them and wants to know
  EXPECT_EQ(server_side_time_wait(s).size(), 1U);
}

TEST(server_side_time_wait, outbound_ones_are_not_the_servers) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 4'000));
  EXPECT_TRUE(server_side_time_wait(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
