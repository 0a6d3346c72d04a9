#include "judgement/destination_use.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

std::vector<destination_use> uses_in(const snapshot& s) {
  const port_table ports(s);
  return uses_of(s, headrooms_of(s, ports), ports);
}

TEST(destination_use, of_a_count_for_a_port_needs_a_thousand_nearly_all_closed) {
  struct row {
    std::uint64_t time_wait;
    std::uint64_t established;
    std::uint16_t port;
    bool expected;
  };
  constexpr std::array rows{row{999, 0, 3306, false}, row{1'000, 100, 3306, true},
                            row{1'000, 101, 3306, false}, row{1'000, 0, 443, false}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, counts(state::time_wait, r.time_wait, r.port));
    put(s, counts(state::established, r.established, r.port));
    EXPECT_EQ(uses_in(s).size(), r.expected ? 1U : 0U) << (&r - rows.data());
    put_listener(s, "0.0.0.0", 22, 0, 0);
    EXPECT_TRUE(uses_in(s).empty()) << "beside a listener it may be our own port";
  }
}

TEST(destination_use, is_churn_at_four_closed_for_each_open) {
  EXPECT_FALSE(destination_use{}.is_churn());
  EXPECT_TRUE((destination_use{.headroom = {.time_wait = 40, .established = 10}}.is_churn()));
  EXPECT_FALSE((destination_use{.headroom = {.time_wait = 39, .established = 10}}.is_churn()));
}

TEST(destination_use, of_a_metrics_port_is_a_probe_up_to_five_a_second) {
  struct row {
    std::uint64_t time_wait;
    std::uint16_t port;
    bool expected;
  };
  constexpr std::array rows{row{300, 9100, true}, row{301, 9100, false}, row{300, 443, false}};
  for (const auto& r : rows) {
    auto s = host();
    put(s, to(state::time_wait, "10.0.0.7", r.port, r.time_wait));
    EXPECT_EQ(uses_in(s).front().is_probe, r.expected) << r.time_wait << " to " << r.port;
  }
  auto s = host();
  put(s, to(state::time_wait, "10.0.0.5", 8080, 300));
  EXPECT_TRUE(uses_in(s).front().is_probe) << "the host asks itself by its own address";
}

TEST(destination_use, by_a_program_that_opens_about_one_for_each_it_takes_is_a_proxys) {
  struct row {
    std::uint64_t in;
    std::uint64_t out;
    bool expected;
  };
  constexpr std::array rows{row{9, 9, false}, row{10, 5, true}, row{10, 4, false},
                            row{10, 20, true}, row{10, 21, false}};
  for (const auto& r : rows) {
    auto s = host();
    const auto program = add_process(s, 1, "program");
    put(s, on(state::established, 8080, "10.0.9.9", r.in).of(program));
    put(s, to(state::established, "10.0.0.7", 3306, r.out).of(program));
    EXPECT_EQ(uses_in(s).front().by_proxy, r.expected) << r.in << " in, " << r.out << " out";
  }
}

TEST(destination_use, that_is_most_of_a_paste_is_a_sample) {
  struct row {
    std::uint64_t time_wait;
    std::uint64_t others;
    bool expected;
  };
  constexpr std::array rows{row{2, 0, false}, row{3, 0, true}, row{3, 1, true}, row{3, 2, false},
                            row{4, 2, true}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, to(state::time_wait, "10.0.0.7", 3306, r.time_wait));
    put(s, on(state::established, 22, "10.0.9.9", r.others));
    EXPECT_EQ(uses_in(s).front().is_sample, r.expected) << r.time_wait << " beside " << r.others;
  }
}

TEST(destination_use, a_complaint_belongs_to_the_destination_that_it_names) {
  auto s = paste();
  put(s, to(state::time_wait, "10.0.0.7", 3306, 500));
  put(s, to(state::time_wait, "10.0.0.8", 3306, 900));
  auto complaint = said(message_kind::address_not_available, "connect() failed (99)");
  s.messages.push_back(complaint);
  EXPECT_NE(uses_in(s)[0].failure, nullptr) << "no name: the fullest one's";
  s.messages.front().endpoint = endpoint_of("10.0.0.7", 3306);
  const auto uses = uses_in(s);
  EXPECT_EQ(uses[0].failure, nullptr);
  EXPECT_NE(uses[1].failure, nullptr);
}

TEST(destination_use, of_as_many_that_stand_as_there_are_ports_is_no_proxy_that_closes) {
  struct row {
    std::uint64_t stated;
    const char* words;
    bool by_proxy;
  };
  constexpr std::array rows{row{28'232, "existing 28,232 connections", false},
                            row{28'231, "existing 28,231 connections", true},
                            row{28'232, "28,232 connections in TIME_WAIT", true}};
  for (const auto& r : rows) {
    auto s = paste(os_family::linux_kernel);
    auto complaint = said(message_kind::address_not_available, "no free ports");
    complaint.to_upstream = true;
    s.messages.push_back(complaint);
    s.statement = stated_number{.sockets = r.stated, .text = r.words};
    EXPECT_EQ(uses_in(s).front().by_proxy, r.by_proxy) << r.words;
  }
}

TEST(destination_use, time_wait_without_a_port_has_no_place) {
  auto s = paste();
  put(s, counts(state::time_wait, 300));
  put(s, counts(state::time_wait, 200, 443));
  EXPECT_EQ(time_wait_of(s), 500U);
  EXPECT_EQ(unplaced_time_wait_of(s), 300U);
  s.namespaces[0].totals.time_wait = 900;
  EXPECT_EQ(unplaced_time_wait_of(s), 700U);
}

TEST(destination_use, a_proxy_that_listens_on_the_port_is_its_other_end) {
  for (const std::uint16_t second : {std::uint16_t{8'080}, std::uint16_t{9'090}}) {
    auto s = host();
    const auto nginx = add_process(s, 7, "nginx", runtime::nginx);
    put_listener(s, "0.0.0.0", 80, 0, 128, nginx);
    put_listener(s, "0.0.0.0", second, 0, 128, nginx);
    put(s, to(state::time_wait, "127.0.0.1", 8'080, 300).of_nobody());
    const auto uses = uses_in(s);
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].by_proxy, second != 8'080) << second;
  }
}

TEST(destination_use,
     is_not_by_an_opener_whose_own_connections_go_elsewhere_where_there_is_another) {
  auto s = host();
  const auto nginx = add_process(s, 10, "nginx", runtime::nginx);
  const auto worker = add_process(s, 11, "php-fpm", runtime::php);
  put(s, to(state::time_wait, "10.0.0.7", 6379, 2'000).of_nobody());
  put(s, to(state::established, "127.0.0.1", 9000, 4).of(nginx));
  s.openers = {{.process = nginx.process, .sockets = 80}};
  EXPECT_EQ(uses_in(s).at(0).headroom.owner, nginx) << "the only one";
  s.openers.push_back({.process = worker.process, .sockets = 20});
  EXPECT_EQ(uses_in(s).at(0).headroom.owner, worker);
  put(s, to(state::established, "10.0.0.7", 6379, 1).of(nginx));
  s.processes[nginx.process].runtime = runtime::python;
  EXPECT_EQ(uses_in(s).at(0).headroom.owner, nginx) << "it connects there, too";
}

socket_group closing(std::uint32_t a_slot, std::size_t from_slot) {
  auto group = outbound(state::time_wait, "10.0.0.7", 8080, 0);
  for (auto i = from_slot; i < group.closed_in_slot.size(); ++i) {
    group.closed_in_slot[i] = a_slot;
    group.count += a_slot;
  }
  group.local_ports_in_range = group.count;
  return group;
}

TEST(destination_use, a_server_that_forks_opens_no_connections_to_its_own_port) {
  auto s = host();
  const auto master = add_process(s, 8, "nginx", runtime::nginx);
  const auto worker = add_process(s, 9, "nginx", runtime::nginx);
  const auto client = add_process(s, 20, "python3", runtime::python);
  s.processes[worker.process].parent = 8;
  put_listener(s, "10.0.0.7", 8080, 0, 511, master);
  put(s, {closing(100, 0)});
  s.openers = {{.process = worker.process, .sockets = 80}};
  EXPECT_EQ(uses_in(s).at(0).opener, nullptr);
  s.openers.push_back({.process = client.process, .sockets = 2});
  EXPECT_EQ(uses_in(s).at(0).headroom.owner, client);
}

TEST(destination_use, is_over_when_nothing_closed_for_ten_seconds_and_then_nobody_is_named) {
  for (const std::size_t slots : {1U, 2U}) {
    auto s = host();
    const auto client = add_process(s, 20, "python3", runtime::python);
    put(s, {closing(100, slots)});
    s.openers = {{.process = client.process, .sockets = 2}};
    const auto use = uses_in(s).at(0);
    EXPECT_EQ(use.is_over(), slots == 2);
    EXPECT_EQ(use.opener == nullptr, slots == 2);
  }
}

TEST(destination_use, who_keeps_a_connection_is_not_who_closes_one_for_each_request) {
  for (const std::uint64_t used_again : {0U, 1U}) {
    auto s = host();
    const auto client = add_process(s, 20, "python3", runtime::python);
    put(s, {closing(100, 0)});
    auto open = to(state::established, "10.0.0.7", 8080, 1).of(client);
    open.group.used_again = used_again;
    put(s, open);
    EXPECT_EQ(uses_in(s).at(0).headroom.owner == client, used_again == 0);
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
