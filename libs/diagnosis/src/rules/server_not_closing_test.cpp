#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(server_not_closing, a_live_crowd_that_the_server_holds) {
  auto s = host();
  const auto server = add_process(s, 44, "sloppy-server");
  put_listener(s, "0.0.0.0", 8080, 0, 128, server);
  put(s, on(state::close_wait, 8080, "127.0.0.1", 60).of(server).with_queue(0).aged(300));
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].subject.pid, 44);
  EXPECT_EQ(found[0].title,
            "sloppy-server (pid 44) keeps 60 connections on 10.0.0.5:8080 that the client closed");
  EXPECT_TRUE(mentions(found[0], "look twice"));
  EXPECT_TRUE(mentions(found[0], "sport = :8080"));
}

TEST(server_not_closing, old_ones_count_beside_many_open_ones) {
  auto s = host();
  const auto server = add_process(s, 44, "java", runtime::java);
  put(s, on(state::established, 443, "10.9.9.9", 5000).of(server));
  put(s, on(state::close_wait, 443, "10.9.9.9", 12).of(server).with_queue(46).aged(30'000));
  EXPECT_TRUE(server_not_closing(s).empty());
  s.groups[1] = on(state::close_wait, 443, "10.9.9.9", 12).of(server).aged(7'200'000).group;
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.ends_with("the oldest for at least 2 h")) << found[0].title;
}

TEST(server_not_closing, by_a_child_of_another_program_is_inheritance) {
  struct expectation {
    const char* name;
    std::int32_t parent;
    std::int32_t accepted_by;
    bool inherited;
  };
  for (const auto& e : {expectation{"sleep", 10, 10, true},
                        {"web", 10, 10, false},
                        {"sleep", 9, 10, false},
                        {"sleep", 1, 1, false}}) {
    auto s = host();
    const auto server = add_process(s, e.accepted_by, "web");
    const auto child = add_process(s, 11, e.name);
    s.processes.back().parent = e.parent;
    put_listener(s, "0.0.0.0", 80, 0, 128, server);
    put(s, on(state::close_wait, 80, "9.9.9.9", 30).of(child));
    EXPECT_EQ(mentions(server_not_closing(s).at(0), "close-on-exec"), e.inherited)
        << e.name << ' ' << e.parent;
  }
}

TEST(server_not_closing, takes_the_piles_of_one_familys_processes_together) {
  auto s = host();
  (void)add_process(s, 10, "gunicorn");
  for (int i = 0; i < 12; ++i) {
    const auto worker = add_process(s, 11 + i, "gunicorn", runtime::gunicorn);
    s.processes.back().parent = 10;
    s.processes.back().activity = 'S';
    s.processes.back().waits_in = "hrtimer_nanosleep";
    put(s, on(state::close_wait, 80, "9.9.9.9", 2).of(worker).with_queue(0));
  }
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "12 processes of gunicorn keep 24 connections on 10.0.0.5:80 that the client closed");
  EXPECT_TRUE(mentions(found[0], "12 asleep in hrtimer_nanosleep (pids 11, 12, 13, 14 and 8 more)"))
      << found[0].evidence.back().value;
  for (auto& p : s.processes) p.parent = 0;
  EXPECT_TRUE(server_not_closing(s).empty()) << "processes of one name may be several programs";
}

TEST(server_not_closing, leaves_what_nobody_accepted_to_another_rule) {
  auto s = host();
  const auto server = add_process(s, 44, "stuck");
  put_listener(s, "0.0.0.0", 8080, 21, 20, server);
  put(s, on(state::close_wait, 8080, "127.0.0.1", 60).of_nobody());
  EXPECT_TRUE(server_not_closing(s).empty());
}

TEST(server_not_closing, one_pasted_row_of_a_server_is_enough) {
  auto s = paste();
  const auto server = add_process(s, 1464, "mighty");
  put(s, on(state::close_wait, 80, "9.9.9.9", 1).of(server).with_queue(1));
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
}

TEST(server_not_closing, counts_that_dwarf_the_rest_beside_a_listener) {
  auto s = paste();
  put(s, counts(state::listen, 1));
  put(s, counts(state::time_wait, 7));
  put(s, counts(state::established, 13));
  put(s, counts(state::close_wait, 7047));
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "the server here keeps 7,047 connections that the client closed, beside 13 open ones");
  EXPECT_TRUE(leaked_connections(s).empty());
  EXPECT_TRUE(application_stalled(s).empty());
}

TEST(server_not_closing, rows_of_many_peers_on_one_address_without_a_known_port) {
  auto s = paste(os_family::linux_kernel);
  for (const auto* peer : {"9.0.0.1", "9.0.0.2", "9.0.0.3", "9.0.0.4", "9.0.0.5", "9.0.0.6"}) {
    auto group = on(state::close_wait, 0, peer, 1).with_queue(46);
    group.group.key.direction = direction::unknown;
    put(s, group);
  }
  const auto found = server_not_closing(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "About 45 B each"));
}

TEST(server_not_closing, that_ran_out_of_descriptors_is_critical) {
  auto s = paste();
  const auto server = add_process(s, 3, "server");
  put(s, on(state::close_wait, 80, "9.9.9.9", 30).of(server));
  s.messages.push_back(said(message_kind::too_many_open_files, "accept: Too many open files"));
  EXPECT_EQ(server_not_closing(s).at(0).severity, severity::critical);
}

TEST(server_not_closing, is_not_told_of_one_among_many_ghosts) {
  for (const auto& [ghosts, told] : {std::pair{10U, 0U}, std::pair{2U, 1U}}) {
    auto s = paste();
    const auto server = add_process(s, 7, "mux");
    s.processes[server.process].ghost_sockets = ghosts;
    put(s, on(tcp::state::close_wait, 443, "9.9.9.9", 1).of(server));
    EXPECT_EQ(server_not_closing(s).size(), told) << ghosts;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
