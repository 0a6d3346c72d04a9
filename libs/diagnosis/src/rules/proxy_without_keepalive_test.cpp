#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

TEST(proxy_without_keepalive, an_upstream_error_names_proxy_destination_and_remedy) {
  auto s = paste();
  auto m = said(message_kind::address_not_available,
                "connect() to 10.9.0.4:3000 failed (99: Cannot assign requested address) while "
                "connecting to upstream");
  m.program = "nginx";
  m.to_upstream = true;
  m.endpoint = endpoint_of("10.9.0.4", 3000);
  s.messages.push_back(m);
  s.namespaces[0].totals.time_wait = 48'611;
  const auto f = proxy_without_keepalive(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_EQ(f.title,
            "nginx opens a connection to 10.9.0.4:3000 for every request: 48,611 in TIME-WAIT");
  EXPECT_THAT(f.remedies.at(0).command, HasSubstr("server 10.9.0.4:3000;"));
}

TEST(proxy_without_keepalive, an_owner_that_is_a_proxy_is_told_by_its_open_connections) {
  struct expectation {
    std::uint64_t time_wait;
    severity how_bad;
  };
  for (const auto& e : {expectation{200, severity::info}, expectation{9'000, severity::warning},
                        expectation{28'000, severity::critical}}) {
    auto s = host();
    s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.9", 8080, e.time_wait));
    auto open = outbound(tcp::state::established, "10.0.0.9", 8080, 1);
    open.key.owner = add_process(s, 912, "haproxy", runtime::haproxy);
    s.groups.push_back(open);
    const auto f = proxy_without_keepalive(s).at(0);
    EXPECT_EQ(f.severity, e.how_bad) << e.time_wait;
    EXPECT_EQ(f.title.ends_with(" of 28,232 ports left"), e.how_bad == severity::critical)
        << f.title;
    EXPECT_EQ(f.subject.pid, 912);
    EXPECT_THAT(f.remedies.at(0).command, HasSubstr("http-reuse"));
  }
}

TEST(proxy_without_keepalive, a_program_that_opens_one_for_each_it_takes_is_a_proxy) {
  auto s = host();
  const auto owner = add_process(s, 77, "gateway", runtime::go);
  auto in = inbound(tcp::state::established, 8443, 60);
  in.key.owner = owner;
  auto out = outbound(tcp::state::established, "10.0.0.9", 8080, 50);
  out.key.owner = owner;
  s.groups = {in, out, outbound(tcp::state::time_wait, "10.0.0.9", 8080, 9'000)};
  EXPECT_EQ(proxy_without_keepalive(s).at(0).subject.process, "gateway");
  s.groups[0].count = 500;
  EXPECT_TRUE(proxy_without_keepalive(s).empty());
}

TEST(proxy_without_keepalive, a_program_that_talks_to_itself_passes_nothing_on) {
  auto s = host("40000 40199");
  const auto owner = add_process(s, 77, "selftest");
  s.listeners.push_back({.local = endpoint_of("10.0.0.5", 8080), .owner = owner});
  auto in = inbound(tcp::state::established, 8080, 20);
  in.key.owner = owner;
  auto out = outbound(tcp::state::established, "10.0.0.5", 8080, 20);
  out.key.owner = owner;
  s.groups = {in, out, outbound(tcp::state::time_wait, "10.0.0.5", 8080, 150)};
  EXPECT_TRUE(proxy_without_keepalive(s).empty());
}

TEST(proxy_without_keepalive, a_listening_proxy_is_the_likely_opener_where_no_other_is_known) {
  auto s = host();
  const auto nginx = add_process(s, 3, "nginx", runtime::nginx);
  s.listeners.push_back({.local = endpoint_of("0.0.0.0", 443), .owner = nginx});
  s.groups.push_back(outbound(tcp::state::time_wait, "127.0.0.1", 8080, 9'000));
  EXPECT_EQ(proxy_without_keepalive(s).size(), 1U);
  s.groups[0].key.remote.port = 3306;  // nginx does not speak to databases
  EXPECT_TRUE(proxy_without_keepalive(s).empty());
}

TEST(proxy_without_keepalive, a_proxy_that_keeps_its_connections_is_left_alone) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.9", 8080, 200));
  auto open = outbound(tcp::state::established, "10.0.0.9", 8080, 300);
  open.key.owner = add_process(s, 912, "haproxy", runtime::haproxy);
  s.groups.push_back(open);
  EXPECT_TRUE(proxy_without_keepalive(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
