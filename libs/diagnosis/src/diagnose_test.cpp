#include "waitstate/diagnosis/diagnose.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "close_fixture.h"
#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;
using testing::HasSubstr;
using testing::Not;

TEST(diagnose, a_busy_server_gets_one_calm_sentence) {
  auto s = host();
  s.groups.push_back(inbound(tcp::state::time_wait, 443, 4'211));
  s.namespaces[0].states.add(tcp::state::time_wait, 4'211);
  const auto r = diagnose(s);
  EXPECT_EQ(r.verdict, verdict::healthy);
  EXPECT_EQ(
      r.headline,
      "4,211 sockets in TIME-WAIT are normal: on the server's side they cost about 1.0 MiB and "
      "block no port");
}

TEST(diagnose, an_idle_host_is_healthy_and_an_empty_paste_is_unknown) {
  EXPECT_EQ(diagnose(host()).verdict, verdict::healthy);
  EXPECT_TRUE(diagnose(host()).findings.empty());
  EXPECT_EQ(diagnose(paste()).verdict, verdict::unknown);
}

TEST(diagnose, errors_that_no_rule_judges_are_no_health) {
  for (const auto kind : {message_kind::connect_refused, message_kind::connection_reset}) {
    auto s = paste();
    s.messages.push_back(said(kind, "something failed"));
    s.namespaces[0].sysctls["net.core.somaxconn"] = "4096";
    const auto r = diagnose(s);
    EXPECT_EQ(r.verdict, verdict::unknown);
    EXPECT_THAT(r.headline, HasSubstr(std::string(to_string(kind))));
    ASSERT_EQ(r.limits.size(), 1U);
    EXPECT_THAT(r.limits[0].hint, HasSubstr("`ss -tanp`"));
    s.host.os = os_family::windows;
    EXPECT_THAT(diagnose(s).limits.at(0).hint, HasSubstr("`netstat -ano`"));
    s.groups.push_back(inbound(tcp::state::established, 443, 10));
    EXPECT_EQ(diagnose(s).verdict, verdict::unknown);
  }
}

TEST(diagnose, what_a_paste_cannot_tell_is_no_health) {
  auto counted = paste();
  counted.groups.push_back(counted_only(tcp::state::time_wait, 6'005));
  counted.namespaces[0].states.add(tcp::state::time_wait, 6'005);
  EXPECT_EQ(diagnose(counted).verdict, verdict::unknown);
  EXPECT_THAT(diagnose(counted).headline, HasSubstr("does not tell on which side"));
  counted.groups.push_back(counted_only(tcp::state::established, 1'600));
  counted.namespaces[0].states.add(tcp::state::established, 1'600);
  EXPECT_EQ(diagnose(counted).verdict, verdict::healthy) << "as many open: an ordinary server";

  auto probed = paste();
  probed.groups.push_back(inbound(tcp::state::time_wait, 8'002, 500));
  probed.namespaces[0].states.add(tcp::state::time_wait, 500);
  EXPECT_EQ(diagnose(probed).verdict, verdict::unknown);
  EXPECT_THAT(diagnose(probed).headline, HasSubstr("of one client (10.0.9.9) with port 8002"));

  auto unwatched = paste();
  put(unwatched, on(tcp::state::established, 1'514, "9.9.9.9", 1).without_timer());
  EXPECT_EQ(diagnose(unwatched).verdict, verdict::unknown);
  EXPECT_THAT(diagnose(unwatched).headline, HasSubstr("has no keep-alive timer"));

  auto spoken = paste();
  spoken.groups.push_back(inbound(tcp::state::time_wait, 11'211, 1));
  spoken.namespaces[0].states.add(tcp::state::time_wait, 1);
  EXPECT_EQ(diagnose(spoken).verdict, verdict::healthy);
  spoken.statement = stated_number{.sockets = 7'513, .text = "there are 7513 connections"};
  EXPECT_EQ(diagnose(spoken).verdict, verdict::unknown);
  EXPECT_THAT(diagnose(spoken).headline,
              HasSubstr("\"there are 7513 connections\", and 1 socket is"));
}

TEST(diagnose, ports_that_bind_may_hold_are_a_limit_of_what_is_free) {
  auto s = host("40000 40399");
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 8080, 150));
  source_address source{.address = endpoint_of("10.0.0.5", 0).address, .connections = 150};
  for (std::uint16_t port = 40'001; port <= 40'299; port += 2) source.ports.insert(port);
  s.sources.push_back(source);
  const auto r = diagnose(s);
  EXPECT_EQ(r.findings.at(0).id, "bind-before-connect");
  EXPECT_THAT(r.limits.back().text, HasSubstr("up to 150 ports more may be bound"));
}

TEST(diagnose, many_time_wait_of_an_unknown_side_are_not_called_normal) {
  auto s = paste();
  s.groups.push_back(counted_only(tcp::state::time_wait, 16'000));
  s.namespaces[0].states.add(tcp::state::time_wait, 16'000);
  const auto r = diagnose(s);
  EXPECT_EQ(r.verdict, verdict::unknown);
  EXPECT_EQ(r.headline,
            "could not tell: 16,000 sockets in TIME-WAIT, and what was read does not tell on which "
            "side: a "
            "server's block no port, a client's hold up to that many of 28,232");
  EXPECT_THAT(r.limits.back().hint, HasSubstr("`ss -tan state time-wait`"));
}

TEST(diagnose, exhausted_ports_come_before_the_small_range) {
  auto s = host("40000 40199");
  s.groups.push_back(outbound(tcp::state::time_wait, "127.0.0.1", 8080, 200));
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "0";
  const auto r = diagnose(s);
  ASSERT_EQ(r.findings.size(), 2U);
  EXPECT_EQ(r.findings[0].id, "ephemeral-port-exhaustion");
  EXPECT_EQ(r.findings[1].id, "port-range-too-small");
  EXPECT_EQ(r.verdict, verdict::critical);
  EXPECT_EQ(r.headline, r.findings[0].title);
}

TEST(diagnose, the_proxy_is_told_once_with_the_ports_it_used_up) {
  auto s = paste();
  s.groups.push_back(counted_only(tcp::state::time_wait, 28'241));
  s.namespaces[0].states.add(tcp::state::time_wait, 28'241);
  auto m = said(message_kind::address_not_available, "dial tcp: cannot assign");
  m.program = "traefik";
  m.endpoint = tcp::endpoint{.port = 8080};
  s.messages.push_back(m);
  const auto r = diagnose(s);
  EXPECT_EQ(r.findings.at(0).id, "proxy-without-keepalive");
  EXPECT_EQ(r.findings.at(0).title,
            "Traefik opens a connection to port 8080 for every request: 28,241 in TIME-WAIT");
  EXPECT_EQ(r.findings.size(), 1U);
}

TEST(diagnose, an_upstream_error_without_a_destination_is_one_finding) {
  auto s = paste();
  auto m = said(message_kind::address_not_available, "connect() failed while connecting upstream");
  m.program = "nginx";
  m.to_upstream = true;
  s.messages.push_back(m);
  const auto r = diagnose(s);
  ASSERT_EQ(r.findings.size(), 1U);
  EXPECT_EQ(r.findings[0].id, "proxy-without-keepalive");
  EXPECT_EQ(r.findings[0].subject.text, "this host");
  EXPECT_EQ(r.findings[0].subject.process, "nginx");
}

TEST(diagnose, a_small_range_comes_first_where_it_is_all_that_is_known) {
  auto s = host("32768 33000");
  s.source = source_kind::pasted;
  s.messages.push_back(said(message_kind::address_not_available, "EADDRNOTAVAIL"));
  EXPECT_EQ(diagnose(s).findings.at(0).id, "port-range-too-small");
}

TEST(diagnose, ownerless_fin_wait_2_that_hold_the_ports_come_first) {
  auto s = host("40000 40199");
  auto group = outbound(tcp::state::fin_wait_2, "10.0.0.7", 8080, 198);
  group.key.owner.kind = ownership::none;
  s.groups.push_back(group);
  s.namespaces[0].states.add(tcp::state::fin_wait_2, 198);
  const auto r = diagnose(s);
  EXPECT_EQ(r.findings.at(0).id, "fin-wait2-stuck");
  EXPECT_EQ(r.findings.at(0).severity, severity::critical);
}

TEST(diagnose, settings_alone_are_quiet) {
  auto s = host();
  s.source = source_kind::pasted;
  s.host.kernel_release.clear();
  s.namespaces[0].sysctls["net.ipv4.tcp_fin_timeout"] = "30";
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_recycle"] = "0";
  const auto r = diagnose(s);
  EXPECT_EQ(r.verdict, verdict::healthy);
  for (const auto& f : r.findings) EXPECT_EQ(f.severity, severity::info);
}

TEST(diagnose, says_what_the_rules_lacked) {
  auto s = paste();
  s.limits.push_back({.id = "unread-lines", .text = "3 lines were not read", .hint = {}});
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 10));
  const auto r = diagnose(s);
  ASSERT_EQ(r.limits.size(), 3U);
  EXPECT_EQ(r.limits[0].id, "unread-lines");
  EXPECT_EQ(r.limits[1].text, "the owners of 10 of 10 open sockets are not known");
  EXPECT_THAT(r.limits[2].text, HasSubstr("the default of Linux is assumed (32768-60999)"));
}

TEST(diagnose, a_server_with_some_time_wait_and_more_open_is_quiet) {
  auto s = paste();
  for (const auto& [state, count] :
       {std::pair{tcp::state::time_wait, 284}, std::pair{tcp::state::established, 380},
        std::pair{tcp::state::close_wait, 6}}) {
    auto group = inbound(state, 443, static_cast<std::uint64_t>(count));
    s.groups.push_back(group);
    s.namespaces[0].states.add(state, static_cast<std::uint64_t>(count));
  }
  EXPECT_EQ(diagnose(s).verdict, verdict::healthy);
}

TEST(diagnose, a_text_that_was_mostly_not_read_is_no_health) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 10));
  s.unread = 10;
  EXPECT_EQ(diagnose(s).verdict, verdict::healthy);
  s.unread = 11;
  const auto r = diagnose(s);
  EXPECT_EQ(r.verdict, verdict::unknown);
  EXPECT_EQ(r.headline, "could not tell: 11 of 21 that look like rows could not be read");
}

TEST(diagnose, sockets_without_a_state_are_no_health) {
  for (const auto& [count, v] :
       {std::pair{999, verdict::healthy}, std::pair{1'000, verdict::unknown}}) {
    auto s = paste();
    const auto all = static_cast<std::uint64_t>(count);
    s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 10));
    s.groups.push_back(counted_only(tcp::state::unknown, all));
    s.namespaces[0].states.add(tcp::state::unknown, all);
    EXPECT_EQ(diagnose(s).verdict, v) << count;
  }
}

TEST(diagnose, sockets_past_a_bound_are_no_health) {
  for (const auto& [dropped, v] :
       {std::pair{3, verdict::healthy}, std::pair{4, verdict::unknown}}) {
    auto s = paste();
    s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 96));
    s.namespaces[0].states.add(tcp::state::established, 100);
    s.dropped = static_cast<std::uint64_t>(dropped);
    EXPECT_EQ(diagnose(s).verdict, v) << dropped;
  }
}

TEST(diagnose, says_that_nothing_waits_only_where_the_sockets_were_seen) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 10));
  s.namespaces[0].states.add(tcp::state::established, 10);
  EXPECT_EQ(diagnose(s).headline, "nothing wrong in what was read");
  s.listeners.push_back({.local = endpoint_of("0.0.0.0", 443)});
  EXPECT_EQ(diagnose(s).headline, "nothing wrong: no socket waits in TIME-WAIT");
}

TEST(diagnose, descriptors_without_their_limit_are_no_health) {
  for (const auto& [open, v] :
       {std::pair{819, verdict::healthy}, std::pair{820, verdict::unknown}}) {
    auto s = paste();
    s.processes.push_back({.pid = 7, .name = "ruby", .fd_count = static_cast<std::uint64_t>(open)});
    EXPECT_EQ(diagnose(s).verdict, v) << open;
    s.processes[0].fd_limit = 100'000;
    EXPECT_EQ(diagnose(s).verdict, verdict::healthy) << open;
  }
}

TEST(diagnose, a_healthy_live_host_says_what_was_looked_at) {
  auto s = host();
  put(s, to(tcp::state::fin_wait_2, "10.0.0.9", 80, 5));
  s.namespaces[0].totals.time_wait = 5;  // the kernel counts FIN-WAIT-2 in
  const auto report = diagnose(s);
  EXPECT_EQ(report.verdict, verdict::healthy);
  EXPECT_TRUE(report.headline.starts_with("nothing wrong with 5 sockets: ports, accept queues"))
      << report.headline;
}

TEST(diagnose, cannot_tell_where_a_namespace_may_not_be_entered) {
  auto s = host();
  s.namespaces_refused = 60;
  const auto report = diagnose(s);
  EXPECT_EQ(report.verdict, verdict::unknown);
  EXPECT_EQ(report.headline, "could not tell: 60 of 61 network namespaces may not be entered");
}

snapshot churning_host() {
  auto s = host("40000 40199");
  put(s, to(tcp::state::time_wait, "10.0.0.9", 80, 200));
  return s;
}

TEST(diagnose, asks_who_opens_sockets_only_where_that_is_missing) {
  auto s = churning_host();
  EXPECT_TRUE(lacks_opener(s, diagnose(s)));
  const auto idle = host();
  EXPECT_FALSE(lacks_opener(idle, diagnose(idle)));
  put(s, to(tcp::state::established, "10.0.0.9", 80, 1).of(add_process(s, 4, "app")));
  EXPECT_FALSE(lacks_opener(s, diagnose(s)));
}

TEST(diagnose, names_who_opens_sockets_now_but_not_the_server_at_the_other_end) {
  auto s = churning_host();
  const auto server = add_process(s, 8, "server");
  (void)add_process(s, 4, "python3", runtime::python);
  put_listener(s, "0.0.0.0", 80, 0, 128, server);
  s.openers = {{.process = 0, .sockets = 90, .watched = std::chrono::milliseconds(300)},
               {.process = 1, .sockets = 44, .watched = std::chrono::milliseconds(300)}};
  const auto report = diagnose(s);
  EXPECT_FALSE(lacks_opener(s, report));
  const auto& first = report.findings.at(0);
  EXPECT_EQ(first.id, "ephemeral-port-exhaustion");
  EXPECT_EQ(first.subject.pid, 4);
  EXPECT_TRUE(first.title.ends_with("most likely opened by python3 (pid 4)")) << first.title;
  EXPECT_TRUE(mentions(first, "opened 44 sockets within 300 ms"));
  EXPECT_TRUE(mentions(first, "requests.Session")) << "the remedy is the runtime's";
}

TEST(diagnose, counts_what_it_does_not_tell) {
  auto s = host();
  for (int pid = 1; pid <= 22; ++pid) {
    const auto owner = add_process(s, pid, "leaky");
    put(s, to(state::close_wait, "10.0.0.9", 443, 30).of(owner).with_queue(0).aged(3'600'000));
  }
  const auto report = diagnose(s);
  EXPECT_EQ(std::ranges::count(report.findings, "leaked-connections", &finding::id), 3);
  const auto cut = std::ranges::find(report.limits, "findings-not-told", &limit::id);
  ASSERT_NE(cut, report.limits.end());
  EXPECT_THAT(cut->text, testing::StartsWith("19 more of leaked-connections are not told: leaky"));
  EXPECT_THAT(cut->text, HasSubstr(" and 11 more"));
}

TEST(diagnose, a_calm_headline_names_descriptors_only_where_they_were_seen) {
  auto s = host();
  put_listener(s, "0.0.0.0", 80, 0, 128);
  EXPECT_THAT(diagnose(s).headline, Not(HasSubstr("descriptors")));
  add_process(s, 7, "app");
  s.processes[0].fd_count = 4;
  s.processes[0].fd_limit = 1'024;
  EXPECT_THAT(diagnose(s).headline, HasSubstr("data, descriptors"));
  s.limits.push_back({.id = "hidden-owners", .text = "x", .hint = {}});
  EXPECT_THAT(diagnose(s).headline, HasSubstr("the descriptors that may be seen"));
}

}  // namespace
}  // namespace waitstate::diagnosis
