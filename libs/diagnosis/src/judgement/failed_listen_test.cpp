#include "judgement/failed_listen.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

message in_use(std::uint16_t port) {
  auto m = said(message_kind::address_in_use_on_listen, "bind: Address already in use");
  if (port != 0) m.endpoint = endpoint_of("0.0.0.0", port);
  return m;
}

std::vector<failed_listen> failures_in(const snapshot& s) {
  return failed_listens(s, port_table(s).supply(0));
}

TEST(failed_listen, names_who_listens_and_counts_what_the_port_holds) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(in_use(8080));
  put_listener(s, "0.0.0.0", 8080, 0, 128);
  put(s, on(state::time_wait, 8080, "10.0.9.9", 7));
  put(s, on(state::established, 8080, "10.0.9.9", 3));
  put(s, on(state::time_wait, 9090, "10.0.9.9", 50));
  const auto found = failures_in(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].port, 8080);
  ASSERT_NE(found[0].holder, nullptr);
  EXPECT_EQ(found[0].holder->local.port, 8080);
  EXPECT_EQ(found[0].time_wait, 7U);
  EXPECT_EQ(found[0].open, 3U);
}

TEST(failed_listen, without_a_port_counts_the_time_wait_of_any_and_nothing_else) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(in_use(0));
  put_listener(s, "0.0.0.0", 8080, 0, 128);
  put(s, on(state::time_wait, 8080, "10.0.9.9", 7));
  put(s, on(state::established, 8080, "10.0.9.9", 3));
  const auto found = failures_in(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].holder, nullptr);
  EXPECT_EQ(found[0].time_wait, 7U);
  EXPECT_EQ(found[0].open, 0U);
}

TEST(failed_listen, the_one_that_names_a_port_comes_first) {
  auto s = paste();
  s.messages.push_back(in_use(0));
  s.messages.push_back(in_use(8080));
  EXPECT_EQ(failures_in(s).at(0).port, 8080);
}

TEST(failed_listen, may_collide_with_connect_inside_the_range_and_not_where_it_is_reserved) {
  struct row {
    std::uint16_t port;
    const char* reserved;
    bool is_in_range;
  };
  constexpr std::array rows{row{32'767, "", false}, row{32'768, "", true}, row{60'999, "", true},
                            row{61'000, "", false}, row{40'000, "40000-40010", false}};
  for (const auto& r : rows) {
    auto s = host();
    s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = r.reserved;
    s.messages.push_back(in_use(r.port));
    EXPECT_EQ(failures_in(s).at(0).is_in_range, r.is_in_range) << r.port;
  }
}

TEST(failed_listen, of_no_port_may_collide_where_a_told_range_reaches_down_to_services) {
  struct row {
    const char* range;
    bool is_in_range;
  };
  constexpr std::array rows{row{"10239 60999", true}, row{"10240 60999", false}};
  for (const auto& r : rows) {
    auto s = host(r.range);
    s.messages.push_back(in_use(0));
    EXPECT_EQ(failures_in(s).at(0).is_in_range, r.is_in_range) << r.range;
  }
  auto untold = paste();
  untold.messages.push_back(in_use(0));
  EXPECT_FALSE(failures_in(untold).at(0).is_in_range);
}

TEST(failed_listen, of_no_port_beside_nine_tenths_of_the_range_is_a_clients) {
  for (const std::uint64_t open : {89U, 90U}) {
    auto s = host("40000 40099");
    s.messages.push_back(in_use(0));
    put(s, to(state::established, "10.0.0.7", 80, open - 40));
    put(s, to(state::time_wait, "10.0.0.7", 80, 40));
    EXPECT_EQ(failures_in(s).at(0).wants_any_port, open == 90) << open;
    s.messages[0] = in_use(8080);
    EXPECT_FALSE(failures_in(s).at(0).wants_any_port);
  }
}

TEST(failed_listen, that_is_not_permitted_is_somebody_elses_port_on_windows_alone) {
  for (const auto os : {os_family::windows, os_family::linux_kernel}) {
    auto s = paste(os);
    s.messages.push_back(said(message_kind::port_not_permitted, "bind: WSAEACCES"));
    const auto found = failures_in(s);
    ASSERT_EQ(found.size(), os == os_family::windows ? 1U : 0U);
    if (!found.empty()) EXPECT_TRUE(found[0].is_kept_away);
  }
}

TEST(failed_listen, of_a_port_that_a_service_of_the_port_mapper_was_given) {
  struct row {
    const char* holder;
    std::uint16_t port;
    bool takes_any;
  };
  constexpr std::array rows{row{"rpc.statd", 33'333, true}, row{"rpc.mountd", 33'333, true},
                            row{"beam.smp", 33'333, true},  row{"java", 33'333, false},
                            row{"rpcbind", 33'333, false},  row{"rpc.statd", 111, false}};
  for (const auto& r : rows) {
    auto s = host();
    s.messages.push_back(in_use(r.port));
    put_listener(s, "0.0.0.0", r.port, 0, 128, add_process(s, 784, r.holder));
    const auto found = failures_in(s);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].holder_takes_any_port, r.takes_any) << r.holder;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
