#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(application_stalled, most_open_connections_of_many_peers_unread) {
  auto s = host();
  const auto server = add_process(s, 9, "gunicorn", runtime::python);
  s.processes[0].activity = 'S';
  for (const auto* peer : {"9.0.0.1", "9.0.0.2", "9.0.0.3"}) {
    put(s, on(state::established, 80, peer, 30).of(server).with_queue(500));
    put(s, on(state::close_wait, 80, peer, 10).of(server).with_queue(501));
  }
  const auto found = application_stalled(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title,
            "gunicorn (pid 9) does not read: 90 of 90 open connections on 10.0.0.5:80 have unread "
            "data");
  EXPECT_TRUE(mentions(found[0], "py-spy dump --pid 9"));
  EXPECT_TRUE(server_not_closing(s).empty()) << "the stall explains its CLOSE-WAIT";
}

TEST(application_stalled, not_when_the_others_are_read) {
  auto s = host();
  const auto server = add_process(s, 9, "server");
  put(s, on(state::established, 80, "9.0.0.1", 200).of(server).with_queue(0));
  put(s, on(state::established, 80, "9.0.0.2", 60).of(server).with_queue(10));
  put(s, on(state::established, 80, "9.0.0.3", 60).of(server).with_queue(10));
  EXPECT_TRUE(application_stalled(s).empty());
}

TEST(application_stalled, not_for_connections_that_nobody_accepted) {
  auto s = host();
  for (const auto* peer : {"9.0.0.1", "9.0.0.2", "9.0.0.3"}) {
    put(s, on(state::established, 80, peer, 40).of_nobody().with_queue(500));
  }
  EXPECT_TRUE(application_stalled(s).empty());
}

TEST(application_stalled, handshakes_pile_up_beside_given_up_connections) {
  auto s = paste();
  put(s, counts(state::listen, 26));
  put(s, counts(state::close_wait, 3699));
  put(s, counts(state::established, 747));
  put(s, counts(state::syn_received, 55));
  EXPECT_EQ(application_stalled(s).size(), 1U);
  EXPECT_TRUE(server_not_closing(s).empty());
}

TEST(application_stalled, a_count_that_grows_by_the_same_at_every_look) {
  auto s = paste();
  s.series.push_back({.state = state::close_wait,
                      .values = {1104, 1107, 1110, 1113, 1116, 1120},
                      .interval = std::chrono::seconds(5)});
  s.series.push_back({.label = "node-0", .values = {0}});
  s.series.push_back({.label = "node-1", .values = {0}});
  const auto found = application_stalled(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "CLOSE-WAIT grows by about 3 every 5 s, from 1,104 to 1,120: no request gets through "
            "any more");
  EXPECT_TRUE(leaked_connections(s).empty());
}

TEST(application_stalled, a_count_that_grows_now_and_then_is_a_leak) {
  auto s = paste();
  s.series.push_back({.state = state::close_wait, .values = {1104, 1104, 1110, 1113, 1130, 1131}});
  EXPECT_TRUE(application_stalled(s).empty());
  EXPECT_EQ(leaked_connections(s).size(), 1U);
}

TEST(application_stalled, nearly_all_open_connections_with_one_address) {
  auto s = paste();
  s.namespaces[0].totals.established = 12'402;
  auto own = counts(state::unknown, 10'949);
  own.group.key.remote = endpoint_of("10.0.0.5", 0);
  put(s, own);
  auto other = counts(state::unknown, 577);
  other.group.key.remote = endpoint_of("127.0.0.1", 0);
  put(s, other);
  const auto found = application_stalled(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_TRUE(mentions(found[0], "10,949 of 12,402"));
}

TEST(application_stalled, is_told_by_threads_at_one_lock_and_by_servers_without_workers) {
  auto s = paste(os_family::linux_kernel);
  auto m = said(message_kind::lock_contended, "1,876 threads wait for one lock, 0x7f");
  m.count = 1'876;
  s.messages.push_back(m);
  put(s, counts(tcp::state::close_wait, 50));
  const auto found = application_stalled(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title, "1,876 threads wait for one lock, 0x7f: the program stands still");
  EXPECT_TRUE(mentions(found[0], "50"));

  auto busy = paste(os_family::linux_kernel);
  auto full = said(message_kind::no_worker, "server reached MaxRequestWorkers setting");
  full.program = "apache2";
  busy.messages.push_back(full);
  EXPECT_EQ(application_stalled(busy).at(0).title, "apache2 has no worker left: all are busy");
}

TEST(application_stalled, a_stopped_program_is_told_to_go_on) {
  auto s = host();
  const auto server = add_process(s, 77, "redis-server");
  s.processes[0].activity = 'T';
  put(s, on(state::established, 6379, "9.9.9.9", 30).of(server).untouched_for(20'000));
  const auto found = application_stalled(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.starts_with("redis-server (pid 77) is stopped: 30")) << found[0].title;
  EXPECT_TRUE(mentions(found[0], "kill -CONT 77"));
}

}  // namespace
}  // namespace waitstate::diagnosis
