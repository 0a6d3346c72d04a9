#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(leaked_connections, a_pool_at_its_limit_is_critical_and_names_owner_and_peer) {
  auto s = host();
  s.interval = std::chrono::seconds(5);
  const auto java = add_process(s, 812, "java", runtime::java);
  put(s, to(state::close_wait, "10.0.0.7", 9443, 400).of(java).with_queue(0).aged(90'000));
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title,
            "java (pid 812) holds 400 connections to 10.0.0.7:9443 that the peer closed: a pool of "
            "400 with every lease lost");
  EXPECT_EQ(found[0].subject.kind, subject_kind::process);
  EXPECT_EQ(found[0].subject.pid, 812);
  EXPECT_EQ(found[0].subject.process, "java");
  EXPECT_TRUE(mentions(found[0], "Recv-Q 0"));
  EXPECT_TRUE(mentions(found[0], "EntityUtils.consume"));
  EXPECT_TRUE(mentions(found[0], "dst 10.0.0.7 and dport = :9443"));
}

TEST(leaked_connections, one_look_does_not_call_a_pool_lost_nor_do_young_ones) {
  auto s = host();
  const auto java = add_process(s, 812, "java", runtime::java);
  put(s, to(state::close_wait, "10.0.0.7", 9443, 400).of(java).with_queue(0).aged(90'000));
  EXPECT_EQ(leaked_connections(s).at(0).severity, severity::warning);
  s.interval = std::chrono::seconds(5);
  EXPECT_EQ(leaked_connections(s).at(0).severity, severity::critical);
  s.groups[0].growth_per_second = 0.2;
  EXPECT_EQ(leaked_connections(s).at(0).severity, severity::warning);
  s.groups[0] =
      to(state::close_wait, "10.0.0.7", 9443, 400).of(java).with_queue(0).aged(59'000).group;
  EXPECT_EQ(leaked_connections(s).at(0).severity, severity::warning);
}

TEST(leaked_connections, an_idle_pool_is_none_unless_its_leases_were_lost_one_by_one) {
  struct expectation {
    std::uint32_t least_ms;
    std::uint32_t most_ms;
    std::uint32_t newest_ms;
    bool leak;
  };
  for (const auto& e : {expectation{5'000, 6'000, 400'000, false},
                        {5'000, 6'001, 400'000, true},     // not one time-out
                        {999, 1'000, 400'000, true},       // closed at once: no idle time-out
                        {60'000, 66'000, 400'000, false},  // a tenth
                        {60'000, 66'001, 400'000, true},
                        {5'000, 5'000, 100'000, false},  // 300 s before the oldest
                        {5'000, 5'000, 99'999, true}}) {
    auto s = host();
    put(s, to(state::close_wait, "10.0.0.7", 443, 50)
               .of(add_process(s, 7, "python3"))
               .idle_before_fin(e.least_ms, e.most_ms)
               .aged(400'000)
               .newest(e.newest_ms));
    EXPECT_EQ(!leaked_connections(s).empty(), e.leak) << e.least_ms << ' ' << e.newest_ms;
  }
}

TEST(leaked_connections, responses_that_nobody_reads) {
  struct expectation {
    std::uint64_t count;
    std::uint32_t for_ms;
    bool told;
  };
  for (const auto& e : {expectation{3, 5'000, true}, {2, 5'000, false}, {3, 4'999, false}}) {
    auto s = host();
    const auto node = add_process(s, 9, "node", runtime::node);
    put(s, to(state::established, "10.0.0.7", 443, e.count).of(node).unread_for(e.for_ms));
    put(s, to(state::established, "10.0.0.7", 443, 7).of(node));
    const auto found = leaked_connections(s);
    ASSERT_EQ(!found.empty(), e.told) << e.count << " for " << e.for_ms;
    if (!e.told) continue;
    EXPECT_EQ(found[0].title,
              "node (pid 9) holds 3 connections open to 10.0.0.7:443 with 300 B that nobody has "
              "read, the oldest for 5 s");
    EXPECT_TRUE(mentions(found[0], "3 of 10"));
    EXPECT_TRUE(mentions(found[0], "response.resume()"));
  }
}

TEST(leaked_connections, twenty_young_ones_with_none_established_are_a_leak) {
  auto s = host();
  const auto client = add_process(s, 5, "client");
  put(s, to(state::close_wait, "::1", 9443, 23).of(client).with_queue(101).aged(200));
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "client (pid 5) holds 23 connections to [::1]:9443 that the peer closed");
  EXPECT_TRUE(mentions(found[0], "23 with unread data, up to 100 B"));
  EXPECT_TRUE(mentions(found[0], "a response that nobody read, about 100 B each"));
}

TEST(leaked_connections, a_handful_on_a_live_host_is_none) {
  auto s = host();
  const auto client = add_process(s, 5, "client");
  put(s, to(state::close_wait, "10.0.0.7", 443, 6).of(client).with_queue(1).aged(90'000));
  EXPECT_TRUE(leaked_connections(s).empty());
}

TEST(leaked_connections, old_ones_beside_a_working_pool_are_a_leak_when_they_outnumber_it) {
  auto s = host();
  const auto client = add_process(s, 5, "client");
  put(s, to(state::close_wait, "10.0.0.7", 443, 33).of(client).with_queue(1).aged(200'000));
  put(s, to(state::established, "10.0.0.7", 443, 40).of(client));
  EXPECT_TRUE(leaked_connections(s).empty()) << "fewer than the open ones: a stale pool";
  s.groups[1].count = 10;
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.ends_with(", the oldest for at least 3 min 20 s")) << found[0].title;
  EXPECT_TRUE(mentions(found[0], "33, 10 ESTABLISHED"));
}

TEST(leaked_connections, that_grow_say_when_the_descriptors_end) {
  auto s = host();
  s.interval = std::chrono::seconds(10);
  const auto client = add_process(s, 5, "client");
  s.processes[0].fd_count = 924;
  s.processes[0].fd_limit = 1024;
  put(s, to(state::close_wait, "10.0.0.7", 443, 33).of(client).growing(2));
  put(s, to(state::established, "10.0.0.7", 443, 4).of(client));
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].forecast,
            "100 descriptors are left; at 2.0 more a second they are gone in 50 s");
}

TEST(leaked_connections, that_take_most_descriptors_are_critical) {
  auto s = host();
  const auto client = add_process(s, 5, "client");
  s.processes[0].fd_count = 1000;
  s.processes[0].fd_limit = 1024;
  put(s, to(state::close_wait, "10.0.0.7", 443, 777).of(client).with_queue(1));
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_TRUE(mentions(found[0], "777 of 1,000 open ones are these, limit 1,024"));
}

TEST(leaked_connections, to_a_port_in_the_ephemeral_range_has_no_direction_and_is_found) {
  auto s = host();
  const auto client = add_process(s, 5, "client");
  auto group = to(state::close_wait, "10.0.0.7", 0, 41).of(client);
  group.group.key.direction = direction::unknown;
  put(s, group);
  EXPECT_EQ(leaked_connections(s).size(), 1U);
}

TEST(leaked_connections, pasted_rows_to_several_peers_are_one_finding_of_their_owner) {
  auto s = paste();
  const auto bot = add_process(s, 9337, "dotnet", runtime::dotnet);
  for (const auto* peer : {"54.0.0.1", "54.0.0.2", "54.0.0.3", "54.0.0.4", "54.0.0.5"}) {
    put(s, to(state::close_wait, peer, 9443, 1).of(bot).with_queue(32));
  }
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "dotnet (pid 9337) holds 5 connections to 5 destinations on port 9443 that the peer "
            "closed");
  EXPECT_TRUE(mentions(found[0], "a TLS close alert"));
}

TEST(leaked_connections, pasted_rows_without_queues_are_a_leak_from_five_on) {
  auto s = paste();
  const auto service = add_process(s, 27085, "service");
  put(s, to(state::close_wait, "52.0.0.1", 443, 3).of(service));
  put(s, to(state::close_wait, "52.0.0.2", 443, 3).of(service));
  put(s, to(state::established, "52.0.0.2", 443, 1).of(service));
  EXPECT_EQ(leaked_connections(s).size(), 1U);
}

TEST(leaked_connections, counts_by_own_source_address_are_a_client) {
  auto s = paste();
  for (const auto& [address, count] : {std::pair{"172.16.0.2", 11U}, {"192.168.18.176", 89U}}) {
    auto group = counts(state::close_wait, count);
    group.group.key.local = endpoint_of(address, 0);
    put(s, group);
  }
  const auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "a program here holds 100 connections that the peer closed");
  EXPECT_FALSE(mentions(found[0], "ESTABLISHED")) << "none were shown, which says nothing";
  EXPECT_TRUE(mentions(found[0], "speaks for a client's"));
  EXPECT_TRUE(mentions(found[0], "ss -tnp state close-wait"));
}

TEST(leaked_connections, a_few_among_many_open_ones_in_a_paste_are_quiet) {
  auto s = paste();
  put(s, counts(state::listen, 2, 443));
  put(s, counts(state::close_wait, 6, 443));
  put(s, counts(state::time_wait, 284, 443));
  put(s, counts(state::established, 380, 443));
  EXPECT_TRUE(leaked_connections(s).empty());
  EXPECT_TRUE(server_not_closing(s).empty());
  EXPECT_TRUE(application_stalled(s).empty());
}

TEST(leaked_connections, counts_of_several_programs_are_not_added_up) {
  auto s = paste();
  const auto java = add_process(s, 1234, "java", runtime::java);
  const auto nginx = add_process(s, 88, "nginx", runtime::nginx);
  put(s, counts(state::close_wait, 12).of(nginx));
  put(s, counts(state::close_wait, 4'321).of(java));
  const auto found = leaked_connections(s);
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found[0].title.contains("java (pid 1234)")) << found[0].title;
  EXPECT_TRUE(found[0].title.contains("4,321")) << found[0].title;
}

TEST(leaked_connections, the_workers_of_one_program_are_added_up) {
  auto s = paste();
  for (const auto pid : {11, 12, 13}) {
    put(s, counts(state::close_wait, 40).of(add_process(s, pid, "php-fpm", runtime::php)));
  }
  EXPECT_TRUE(leaked_connections(s).at(0).title.contains("120"));
}

TEST(leaked_connections, is_what_a_pool_says_by_itself) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(said(message_kind::lease_leaked, "Apparent connection leak detected"));
  auto found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].certainty.confidence, confidence::likely);
  s.messages.push_back(said(message_kind::pool_exhausted, "Connection is not available"));
  found = leaked_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
}

}  // namespace
}  // namespace waitstate::diagnosis
