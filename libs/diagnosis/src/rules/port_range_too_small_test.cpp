#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(port_range_too_small, needs_a_small_range_and_a_quarter_of_it_in_use) {
  struct expectation {
    const char* range;
    std::uint64_t used;
    std::size_t findings;
  };
  for (const auto& e :
       {expectation{"40000 40199", 49, 0}, expectation{"40000 40199", 50, 1},
        expectation{"32768 42766", 2'500, 1}, expectation{"32768 42767", 9'000, 0}}) {
    auto s = host(e.range);
    s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, e.used));
    EXPECT_EQ(port_range_too_small(s).size(), e.findings) << e.range << ' ' << e.used;
  }
}

TEST(port_range_too_small, a_range_that_is_mostly_reserved_is_small) {
  auto s = host("20000 59999");
  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "20000-55999";
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 1'000));
  EXPECT_EQ(port_range_too_small(s).at(0).title,
            "only 4,000 ports to connect from: 20000-59999 less 36,000 reserved");
}

TEST(port_range_too_small, is_the_cause_when_nothing_but_the_error_and_the_range_is_known) {
  auto s = host("32768 33000");
  s.source = source_kind::pasted;
  s.messages.push_back(said(message_kind::address_not_available, "EADDRNOTAVAIL"));
  EXPECT_EQ(port_range_too_small(s).at(0).severity, severity::critical);
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 230));
  EXPECT_EQ(port_range_too_small(s).at(0).severity, severity::warning);
}

TEST(port_range_too_small, is_filled_by_what_was_counted_and_not_placed) {
  for (const auto& [waiting, findings] : {std::pair{900U, 1U}, {899U, 0U}}) {
    auto s = host("61000 61999");
    s.source = source_kind::pasted;
    s.groups.push_back(counted_only(tcp::state::time_wait, waiting));
    s.namespaces[0].states.add(tcp::state::time_wait, waiting);
    EXPECT_EQ(port_range_too_small(s).size(), findings) << waiting;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
