#include "look/met_processes.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

bool nobody_but_bash(std::int32_t pid, const std::string& name) {
  return pid == 5 && name == "bash";
}

TEST(met_processes, stand_for_themselves_while_they_are_there) {
  const met_processes met({{5, {.name = "bash"}}}, nobody_but_bash);
  ASSERT_NE(met.of(5), nullptr);
  EXPECT_EQ(to_string(met.of(5)->who), "bash (pid 5)");
  EXPECT_EQ(met.of(5)->started, "");
  EXPECT_EQ(met.of(6), nullptr);
}

TEST(met_processes, a_script_stands_for_what_it_started_again_and_again) {
  const met_process curl{.name = "curl", .parent = 5, .parent_name = "bash"};
  const met_processes met({{11, curl}, {12, curl}, {13, curl}}, nobody_but_bash);
  EXPECT_EQ(to_string(met.of(12)->who), "bash (pid 5)");
  EXPECT_EQ(met.of(12)->started, "curl");
}

TEST(met_processes, who_started_one_program_does_not_stand_for_it) {
  const met_process curl{.name = "curl", .parent = 5, .parent_name = "bash"};
  const met_processes met({{11, curl}, {12, curl}}, nobody_but_bash);
  EXPECT_EQ(to_string(met.of(11)->who), "curl (pid 11)");
}

TEST(met_processes, nor_does_one_that_is_gone_or_another_by_now) {
  const met_process curl{.name = "curl", .parent = 5, .parent_name = "sh"};
  const met_processes met({{11, curl}, {12, curl}, {13, curl}}, nobody_but_bash);
  EXPECT_EQ(to_string(met.of(11)->who), "curl (pid 11)");
}

TEST(met_processes, very_many_that_are_gone_are_told_apart_by_name_alone) {
  std::map<std::int32_t, met_process> all;
  for (std::int32_t pid = 100; pid < 200; ++pid) all[pid] = {.name = "curl"};
  const met_processes met(all, nobody_but_bash);
  EXPECT_EQ(to_string(met.of(100)->who), "curl (pid 100)");
  EXPECT_EQ(to_string(met.of(199)->who), "curl");
}

TEST(met_processes, a_process_is_there_by_its_pid_and_name) {
  EXPECT_FALSE(is_process_there(::getpid(), "another"));
  EXPECT_FALSE(is_process_there(-1, ""));
}

}  // namespace
}  // namespace waitstate::kernel
