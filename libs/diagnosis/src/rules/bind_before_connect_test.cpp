#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

source_address from(const char* address, std::uint16_t low, std::uint16_t high, int step) {
  source_address source{.address = endpoint_of(address, 0).address};
  for (int port = low; port <= high; port += step) {
    source.ports.insert(static_cast<std::uint16_t>(port));
    ++source.connections;
  }
  return source;
}

TEST(bind_before_connect, every_port_used_once_across_destinations_was_bound) {
  auto s = host("40000 40199");
  const auto owner = add_process(s, 44, "binder");
  for (const auto port : {std::uint16_t{8080}, std::uint16_t{8081}}) {
    auto group = outbound(tcp::state::established, "10.0.0.7", port, 100);
    group.key.owner = owner;
    s.groups.push_back(group);
  }
  s.sources.push_back(from("10.0.0.5", 40'000, 40'199, 1));
  const auto f = bind_before_connect(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_EQ(f.subject.pid, 44);
  EXPECT_EQ(f.title,
            "200 of 200 ports of 10.0.0.5 are in use, bound before connect(): 2 destinations share "
            "them");
}

TEST(bind_before_connect, ports_that_destinations_share_were_chosen_by_connect) {
  auto s = host("40000 40199");
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 8080, 100));
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 8081, 100));
  s.sources.push_back(from("10.0.0.5", 40'000, 40'149, 1));
  s.sources[0].connections = 200;
  EXPECT_TRUE(bind_before_connect(s).empty());
}

TEST(bind_before_connect, the_parity_that_bind_takes_first_gives_it_away) {
  auto s = host("40000 40399");
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 8080, 150));
  s.sources.push_back(from("10.0.0.5", 40'001, 40'299, 2));
  EXPECT_EQ(bind_before_connect(s).at(0).severity, severity::warning);
  s.sources[0] = from("10.0.0.5", 40'000, 40'298, 2);  // what connect() takes
  EXPECT_TRUE(bind_before_connect(s).empty());
}

TEST(bind_before_connect, of_ports_in_time_wait_names_who_opens_sockets_and_does_not_accept) {
  auto s = host("40000 40199");
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.5", 8080, 200));
  s.sources.push_back(from("10.0.0.5", 40'001, 40'199, 2));
  const auto server = add_process(s, 8, "nginx");
  const auto binder = add_process(s, 44, "binder");
  put_listener(s, "0.0.0.0", 8080, 0, 128, server);
  s.openers = {{.process = server.process, .sockets = 90},
               {.process = binder.process, .sockets = 40}};
  const auto f = bind_before_connect(s).at(0);
  EXPECT_EQ(f.subject.pid, 44);
  EXPECT_NE(f.certainty.decided_by.find("-p 44`"), std::string::npos);
  EXPECT_TRUE(mentions(f, "binder (pid 44) opened 40 sockets"));
}

TEST(bind_before_connect, five_hundred_of_that_parity_alone_are_proof_in_a_large_range) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 8080, 500));
  s.sources.push_back(from("10.0.0.5", 40'001, 40'999, 2));
  EXPECT_EQ(bind_before_connect(s).at(0).severity, severity::warning);
  s.sources[0] = from("10.0.0.5", 40'001, 40'997, 2);
  EXPECT_TRUE(bind_before_connect(s).empty());
  s.sources[0] = from("10.0.0.5", 40'001, 40'999, 2);
  s.sources[0].ports.insert(std::uint16_t{40'000});
  EXPECT_TRUE(bind_before_connect(s).empty());
}

TEST(bind_before_connect, a_failing_bind_is_enough_and_one_with_the_option_is_not_accused) {
  auto s = paste();
  auto m = said(message_kind::address_in_use_on_bind, "failed to bind to 127.0.0.9:0");
  m.program = "envoy";
  m.endpoint = endpoint_of("127.0.0.9", 0);
  s.messages.push_back(m);
  s.sources.push_back({.address = m.endpoint->address, .ports_counted = 28'231});
  const auto f = bind_before_connect(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_THAT(f.title, testing::HasSubstr("28,231 of 28,232 ports of 127.0.0.9"));
  EXPECT_THAT(f.remedies.at(0).command, testing::HasSubstr("upstream_bind_config"));

  auto with_option = host("40000 40199");
  for (const auto port : {std::uint16_t{8080}, std::uint16_t{8081}}) {
    auto group = outbound(tcp::state::established, "10.0.0.7", port, 100);
    group.no_port_option_on = 100;
    with_option.groups.push_back(group);
  }
  with_option.sources.push_back(from("10.0.0.5", 40'000, 40'199, 1));
  EXPECT_TRUE(bind_before_connect(with_option).empty());
}

TEST(bind_before_connect, an_error_without_a_port_beside_a_range_full_of_connections) {
  for (const auto& [open, findings] : {std::pair{25'409U, 1U}, std::pair{25'408U, 0U}}) {
    auto s = paste(os_family::linux_kernel);
    s.namespaces[0].totals.established = open;
    s.messages.push_back(
        said(message_kind::address_in_use_on_listen, "OSError: [Errno 98] Address already in use"));
    EXPECT_EQ(bind_before_connect(s).size(), findings) << open;
    EXPECT_EQ(listen_port_in_use(s).size(), 1 - findings) << open;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
