#include "waitstate/remedy/guard/command.h"

#include <csignal>

#include <algorithm>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

command shell(const std::string& script, std::chrono::milliseconds limit = 10s) {
  return {.words = {"/bin/sh", "-c", script}, .time_limit = limit};
}

command_end end_of(const command& c, const std::function<bool()>& give_up = {}) {
  const auto end = run_command(c, give_up);
  EXPECT_TRUE(end) << end.error().what;
  return end.value_or(command_end{});
}

TEST(command, gets_its_words_as_they_are) {
  const auto end = end_of({.words = {"/bin/echo", "a b", "$(id)", "*", ""}});
  EXPECT_TRUE(end.is_well());
  EXPECT_EQ(end.output, "a b $(id) * \n");
}

TEST(command, has_the_environment_that_it_is_given_and_nothing_to_read) {
  auto c = shell("echo \"$WAITSTATE_PID|$HOME|$(cat)\"; exit 3");
  c.environment = {{"WAITSTATE_PID", "812\n"}};
  const auto end = end_of(c);
  EXPECT_EQ(end.output, "812\n||\n");
  EXPECT_EQ(to_string(end), "exit status 3");
}

TEST(command, may_print_more_than_is_kept) {
  const auto end = end_of(shell("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2"));
  EXPECT_TRUE(end.is_well());
  EXPECT_EQ(end.output.size(), command_end::output_max);
  EXPECT_EQ(end.output_cut, 1'000'004U - command_end::output_max);
}

TEST(command, past_its_time_limit_is_ended_with_all_its_children) {
  const netlab::temporary_folder in;
  const auto mark = (in.path() / "mark").string();
  const auto began = steady_clock::now();
  const auto end = end_of(shell("(sleep 2; touch " + mark + ") & wait", 300ms));
  EXPECT_TRUE(end.is_timed_out);
  EXPECT_EQ(end.signal, SIGTERM);
  EXPECT_LT(steady_clock::now() - began, 2s);
  std::this_thread::sleep_for(2'200ms);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST(command, past_its_time_limit_is_ended_with_those_that_left_its_group) {
  const netlab::temporary_folder in;
  const auto mark = (in.path() / "mark").string();
  const auto end = end_of(
      shell("setsid sh -c 'trap \"\" TERM; sleep 3; sleep 3; touch " + mark + "' & wait", 300ms));
  EXPECT_TRUE(end.is_timed_out);
  EXPECT_EQ(end.signal, SIGTERM);
  std::this_thread::sleep_for(4s);
  EXPECT_FALSE(std::filesystem::exists(mark)) << "it ignores SIGTERM and has its grace, no more";
}

TEST(command, tells_how_it_ended_where_children_are_forgotten) {
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(end_of(shell("exit 3")).exit_status, 3);
  EXPECT_EQ(end_of(shell("kill -KILL $$")).signal, SIGKILL);
  EXPECT_EQ(::signal(SIGCHLD, before), SIG_IGN) << "as it was";
}

TEST(command, that_does_not_want_to_end_is_killed) {
  const auto end = end_of(shell("trap '' TERM; while :; do sleep 0.1; done", 100ms));
  EXPECT_TRUE(end.is_timed_out);
  EXPECT_EQ(end.signal, SIGKILL);
}

TEST(command, is_given_up_with_the_guard) {
  const auto began = steady_clock::now();
  const auto end = end_of(shell("sleep 60"), [&] { return steady_clock::now() - began > 300ms; });
  EXPECT_TRUE(end.is_given_up);
  EXPECT_LT(steady_clock::now() - began, 5s);
}

TEST(command, whose_child_goes_on_is_over_with_itself) {
  const auto began = steady_clock::now();
  const auto end = end_of(shell("sleep 5 & echo started"));
  EXPECT_EQ(end.output, "started\n");
  EXPECT_LT(steady_clock::now() - began, 4s);
}

TEST(command, has_no_signal_blocked_that_is_blocked_here) {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  EXPECT_EQ(end_of(shell("kill -TERM $$; echo alive")).signal, SIGTERM);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(command, that_cannot_be_started_is_an_error_with_its_name) {
  const auto none = run_command({.words = {"/nowhere/at/all"}}, {});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().what, HasSubstr("/nowhere/at/all"));
}

TEST(command, of_a_rule_is_told_what_was_seen) {
  rule r{.name = "leak", .command = {"/bin/true", "x"}};
  ASSERT_TRUE(select(r.selected, "state:close-wait"));
  const sighting seen{.who = {.net_namespace = 42, .pid = 812, .process = "ja\nva"},
                      .count = 50,
                      .closable = 40,
                      .oldest_ms = 5'000};
  const auto c = command_for(r, seen);
  EXPECT_EQ(c.words, r.command);
  using pair = std::pair<std::string, std::string>;
  EXPECT_THAT(c.environment,
              testing::UnorderedElementsAre(
                  pair("WAITSTATE_RULE", "leak"), pair("WAITSTATE_SELECTION", "state:close-wait"),
                  pair("WAITSTATE_COUNT", "50"), pair("WAITSTATE_CLOSABLE", "40"),
                  pair("WAITSTATE_NAMESPACE", "net:[42]"), pair("WAITSTATE_PID", "812"),
                  pair("WAITSTATE_PROCESS", "ja?va"), pair("WAITSTATE_OLDEST_MS", "5000")));
}

}  // namespace
}  // namespace waitstate::remedy::guard
