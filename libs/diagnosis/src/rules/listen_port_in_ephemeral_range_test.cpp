#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(listen_port_in_ephemeral_range, is_information_until_a_listen_fails) {
  auto s = host();
  s.listeners.push_back({.local = endpoint_of("0.0.0.0", 50'051)});
  s.listeners.push_back({.local = endpoint_of("0.0.0.0", 443)});
  const auto f = listen_port_in_ephemeral_range(s).at(0);
  EXPECT_EQ(f.severity, severity::info);
  EXPECT_EQ(f.remedies.at(0).command,
            "waitstate tune net.ipv4.ip_local_reserved_ports=50051    # --apply sets and keeps it\n"
            "sysctl -w net.ipv4.ip_local_reserved_ports=\"50051\"    # without waitstate, until "
            "the next boot\n");

  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "50051";
  EXPECT_TRUE(listen_port_in_ephemeral_range(s).empty());
}

TEST(listen_port_in_ephemeral_range, a_failed_listen_counts_when_its_port_may_be_in_the_range) {
  struct expectation {
    const char* range;   ///< Or nullptr: not pasted.
    std::uint16_t port;  ///< Or 0: the line names none.
    std::size_t findings;
  };
  for (const auto& e :
       {expectation{"1024 65535", 7100, 1}, expectation{"1024 65535", 0, 1},
        expectation{nullptr, 49'152, 1}, expectation{nullptr, 8080, 0}, expectation{nullptr, 0, 0},
        expectation{"32768 60999", 0, 0}, expectation{"32768 60999", 8080, 0}}) {
    auto s = paste();
    if (e.range != nullptr) s.namespaces[0].sysctls["net.ipv4.ip_local_port_range"] = e.range;
    auto m = said(message_kind::address_in_use_on_listen, "bind: address already in use");
    if (e.port != 0) m.endpoint = endpoint_of("0.0.0.0", e.port);
    s.messages.push_back(m);
    const auto found = listen_port_in_ephemeral_range(s);
    ASSERT_EQ(found.size(), e.findings) << e.port;
    if (!found.empty()) EXPECT_EQ(found[0].severity, severity::warning);
  }
}

TEST(listen_port_in_ephemeral_range, a_range_pasted_alone_is_judged_by_where_it_begins) {
  struct expectation {
    const char* range;
    const char* reserved;
    std::size_t findings;
  };
  for (const auto& e : {expectation{"1025 65000", "", 1}, expectation{"8999 65000", "", 1},
                        expectation{"9000 65500", "", 0}, expectation{"32768 60999", "", 0},
                        expectation{"1025 65000", "8080,9200", 0}}) {
    auto s = paste();
    s.namespaces[0].sysctls["net.ipv4.ip_local_port_range"] = e.range;
    s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = e.reserved;
    EXPECT_EQ(listen_port_in_ephemeral_range(s).size(), e.findings) << e.range;
    s.groups.push_back(counted_only(tcp::state::established, 10));
    EXPECT_TRUE(listen_port_in_ephemeral_range(s).empty()) << e.range;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
