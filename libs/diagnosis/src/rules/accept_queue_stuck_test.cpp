#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(accept_queue_stuck, a_live_queue_over_its_backlog_names_the_process) {
  auto s = host();
  const auto stuck = add_process(s, 77, "stuck-server");
  s.processes[0].activity = 'S';
  s.processes[0].waits_in = "do_sys_pause";
  put_listener(s, "0.0.0.0", 8080, 21, 20, stuck);
  put(s, on(state::close_wait, 8080, "127.0.0.1", 21).of_nobody().with_queue(1));
  const auto found = accept_queue_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(
      found[0].title,
      "stuck-server (pid 77) does not accept: 21 connections wait in the queue of 0.0.0.0:8080, "
      "which takes 20");
  EXPECT_EQ(found[0].subject.kind, subject_kind::listener);
  EXPECT_EQ(found[0].subject.pid, 77);
  EXPECT_TRUE(mentions(found[0], "asleep in do_sys_pause"));
  EXPECT_TRUE(mentions(found[0], "does not free their places"));
}

TEST(accept_queue_stuck, how_long_they_wait_decides_whatever_the_backlog_is) {
  struct expectation {
    std::uint64_t backlog;
    std::uint64_t waiting;
    std::uint32_t age_ms;
    bool stuck;
  };
  for (const auto& e : {expectation{4096, 3, 1'000, true},
                        {4096, 3, 999, false},
                        {4096, 2, 1'000, false},
                        {4096, 1, 10'000, true},
                        {4096, 1, 9'999, false},
                        {1, 1, 1'000, true},
                        {5, 6, 999, false}}) {
    auto s = host();
    put_listener(s, "0.0.0.0", 80, e.waiting, e.backlog);
    put(s, on(state::established, 80, "9.9.9.9", e.waiting).of_nobody().aged(e.age_ms));
    EXPECT_EQ(!accept_queue_stuck(s).empty(), e.stuck)
        << e.waiting << " of " << e.backlog << " for " << e.age_ms;
  }
}

TEST(accept_queue_stuck, of_a_shared_listener_those_that_work_are_named) {
  auto s = host();
  const auto master = add_process(s, 10, "gunicorn", runtime::python);
  const auto one = add_process(s, 11, "gunicorn", runtime::python);
  const auto two = add_process(s, 12, "gunicorn", runtime::python);
  s.processes[1].activity = 'S';
  s.processes[1].waits_in = "hrtimer_nanosleep";
  put_listener(s, "0.0.0.0", 80, 56, 2048, master);
  put(s, on(state::established, 80, "9.9.9.9", 56).of_nobody().aged(8'000));
  put(s, on(state::established, 80, "9.9.9.9", 1).of(one));
  put(s, on(state::established, 80, "9.9.9.9", 1).of(two));
  const auto found = accept_queue_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "gunicorn (pid 10) does not accept, all 2 workers are busy: 56 connections wait in the "
            "queue of 0.0.0.0:80, which takes 2,048, the oldest for 8 s");
  EXPECT_TRUE(mentions(found[0], "1 asleep in hrtimer_nanosleep (pid 11)"));
  EXPECT_TRUE(mentions(found[0], "--pid 11")) << "py-spy on a worker, not on the master";
}

TEST(accept_queue_stuck, with_a_worker_that_holds_no_connection_not_all_are_busy) {
  auto s = host();
  const auto master = add_process(s, 10, "gunicorn", runtime::gunicorn);
  const auto busy = add_process(s, 11, "gunicorn", runtime::gunicorn);
  const auto idle = add_process(s, 12, "gunicorn", runtime::gunicorn);
  s.workers = {{.process = idle.process, .works_for = master.process, .is_same_program = true}};
  put_listener(s, "0.0.0.0", 80, 56, 2048, master);
  put(s, on(state::established, 80, "9.9.9.9", 56).of_nobody().aged(8'000));
  put(s, on(state::established, 80, "9.9.9.9", 1).of(busy));
  EXPECT_FALSE(mentions(accept_queue_stuck(s).at(0), "busy"));
  put(s, on(state::established, 80, "9.9.9.9", 1).of(idle));
  EXPECT_TRUE(mentions(accept_queue_stuck(s).at(0), "all 2 workers are busy"));
  EXPECT_TRUE(mentions(accept_queue_stuck(s).at(0), "--worker-class gthread"));
}

TEST(accept_queue_stuck, a_live_queue_with_a_few_in_it_is_ordinary) {
  auto s = host();
  put_listener(s, "0.0.0.0", 80, 3, 128);
  put_listener(s, "0.0.0.0", 81, 1, 1);
  put(s, on(state::close_wait, 80, "127.0.0.1", 2).of_nobody().aged(100));
  EXPECT_TRUE(accept_queue_stuck(s).empty());
}

TEST(accept_queue_stuck, an_old_close_wait_in_the_queue_tells_it_too) {
  auto s = host();
  put_listener(s, "0.0.0.0", 80, 3, 128);
  put(s, on(state::close_wait, 80, "127.0.0.1", 2).of_nobody().aged(61'000));
  EXPECT_EQ(accept_queue_stuck(s).size(), 1U);
  s.listeners[0].accept_queue = 0;
  EXPECT_TRUE(accept_queue_stuck(s).empty()) << "they are not in an empty queue";
}

struct pasted_listener {
  std::uint64_t queue;
  std::uint64_t backlog;
  bool stuck;
};

TEST(accept_queue_stuck, judges_the_only_pasted_row) {
  for (const auto& [queue, backlog, stuck] :
       {pasted_listener{.queue = 1, .backlog = 0, .stuck = true},
        {.queue = 129, .backlog = 0, .stuck = true},
        {.queue = 76, .backlog = 50, .stuck = true},
        {.queue = 0, .backlog = 128, .stuck = false}}) {
    auto s = paste();
    put_listener(s, "0.0.0.0", 7443, queue, backlog);
    EXPECT_EQ(accept_queue_stuck(s).size(), stuck ? 1U : 0U) << queue << " of " << backlog;
  }
}

TEST(accept_queue_stuck, does_not_take_a_short_queue_in_a_large_paste_for_one) {
  auto s = paste();
  put(s, on(state::established, 80, "9.9.9.9", 50));
  put_listener(s, "0.0.0.0", 80, 2, 0);
  put_listener(s, "0.0.0.0", 443, 129, 0);
  const auto found = accept_queue_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject.text, "0.0.0.0:443");
}

TEST(accept_queue_stuck, explains_a_count_of_close_wait_beside_it) {
  auto s = paste(os_family::freebsd);
  put_listener(s, "0.0.0.0", 5043, 76, 50);
  put(s, counts(state::close_wait, 76));
  s.messages.push_back(said(message_kind::listen_overflow, "sonewconn: Listen queue overflow"));
  EXPECT_EQ(accept_queue_stuck(s).size(), 1U);
  EXPECT_TRUE(server_not_closing(s).empty());
  EXPECT_TRUE(leaked_connections(s).empty());
  EXPECT_TRUE(listen_backlog_too_small(s).empty());
}

TEST(accept_queue_stuck, inbound_rows_that_nobody_owns_but_not_those_whose_owner_is_not_shown) {
  auto unshown = paste();
  put(unshown, on(state::close_wait, 80, "9.9.9.9", 5).with_queue(200));
  EXPECT_TRUE(accept_queue_stuck(unshown).empty());

  auto s = paste();
  put(s, on(state::close_wait, 80, "9.9.9.9", 5).of_nobody().with_queue(200));
  const auto found = accept_queue_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "5 connections ended on 10.0.0.5:80 before the program accepted them");
}

TEST(accept_queue_stuck, a_queue_that_moves_is_a_slow_programs_and_no_standing_one) {
  for (const std::uint64_t taken : {0U, 1U}) {
    auto s = host();
    const auto server = add_process(s, 7, "python3", runtime::python);
    put_listener(s, "0.0.0.0", 5000, 118, 128, server);
    put(s, on(state::established, 5000, "9.9.9.9", 118).of_nobody().aged(2'000));
    const auto found = accept_queue_stuck({s, {{.port = 5000, .taken = taken}}});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].severity, taken == 0 ? severity::critical : severity::warning);
    EXPECT_EQ(found[0].title.starts_with("python3 (pid 7) is slower than its clients: 118"),
              taken == 1)
        << found[0].title;
    EXPECT_EQ(mentions(found[0], "Restart it"), taken == 0);
  }
}

TEST(accept_queue_stuck, clients_that_gave_up_keep_their_places_and_their_age) {
  auto s = host();
  put_listener(s, "0.0.0.0", 8001, 98, 2048, add_process(s, 7, "gunicorn"));
  put(s, on(state::close_wait, 8001, "127.0.0.1", 90).of_nobody().aged(35'000));
  put(s, on(state::established, 8001, "127.0.0.1", 8).of_nobody().aged(2'000));
  const auto found = accept_queue_stuck(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].title.ends_with("the oldest for 35 s")) << found[0].title;
}

TEST(accept_queue_stuck, clients_that_gave_up_a_moment_ago_prove_nothing) {
  for (const std::uint32_t age_ms : {56U, 1'000U}) {
    auto s = host();
    put_listener(s, "0.0.0.0", 5000, 72, 128, add_process(s, 7, "python3"));
    put(s, on(state::close_wait, 5000, "127.0.0.1", 72).of_nobody().aged(age_ms));
    EXPECT_EQ(accept_queue_stuck(s).empty(), age_ms < 1'000) << age_ms;
  }
}

TEST(accept_queue_stuck, a_stopped_program_is_told_to_go_on) {
  for (const char activity : {'T', 't'}) {
    auto s = host();
    const auto server = add_process(s, 77, "python3", runtime::python);
    s.processes[0].activity = activity;
    put_listener(s, "0.0.0.0", 8080, 21, 20, server);
    put(s, on(state::established, 8080, "9.9.9.9", 21).of_nobody().aged(5'000));
    const auto found = accept_queue_stuck(s);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].title.starts_with("python3 (pid 77) is stopped and does not accept: 21"));
    EXPECT_TRUE(mentions(found[0], "kill -CONT 77"));
    EXPECT_TRUE(mentions(found[0], "TracerPid /proc/77/status"));
    EXPECT_FALSE(mentions(found[0], "py-spy"));
    EXPECT_EQ(found[0].remedies[0].command.contains("kill -CONT"), activity == 'T');
  }
}

TEST(accept_queue_stuck, is_not_told_where_a_worker_has_no_descriptor_left) {
  auto s = host();
  const auto master = add_process(s, 14, "nginx", runtime::nginx);
  const auto worker = add_process(s, 16, "nginx", runtime::nginx);
  s.processes[1].fd_count = s.processes[1].fd_limit = 24;
  put_listener(s, "0.0.0.0", 80, 36, 511, master);
  put(s, on(state::established, 80, "9.9.9.9", 36).of_nobody().aged(8'000));
  put(s, on(state::established, 80, "9.9.9.9", 5).of(worker));
  EXPECT_TRUE(accept_queue_stuck(s).empty());
  const auto found = fd_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "36 connections wait to be accepted on 0.0.0.0:80"));
  EXPECT_TRUE(mentions(found[0], "worker_rlimit_nofile"));
}

}  // namespace
}  // namespace waitstate::diagnosis
