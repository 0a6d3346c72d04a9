#include "proc/process_facts.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(process_facts, reads_the_state_behind_any_name) {
  EXPECT_EQ(parse_activity("12 (nginx) S 1 12"), 'S');
  EXPECT_EQ(parse_activity("12 (a) R (b) D 1"), 'D');
  EXPECT_EQ(parse_activity("12 (nginx)"), 0);
  EXPECT_EQ(parse_activity(""), 0);
}

TEST(process_facts, reads_the_parent_behind_any_name) {
  EXPECT_EQ(parse_parent("12 (nginx) S 7 12"), 7);
  EXPECT_EQ(parse_parent("12 (a) R 5) D 8 1"), 8);
  EXPECT_EQ(parse_parent("12 (nginx) S"), 0);
  EXPECT_EQ(parse_parent(""), 0);
}

TEST(process_facts, adds_up_the_switches_of_both_kinds) {
  EXPECT_EQ(parse_context_switches("Name:\tnginx\nvoluntary_ctxt_switches:\t150\n"
                                   "nonvoluntary_ctxt_switches:\t7\n"),
            157U);
  EXPECT_EQ(parse_context_switches("voluntary_ctxt_switches:\tmany\n"), 0U);
  EXPECT_EQ(parse_context_switches(""), 0U);
}

TEST(process_facts, takes_the_path_of_cgroup_v2) {
  EXPECT_EQ(parse_cgroup("12:pids:/old\n0::/system.slice/nginx.service\n"),
            "/system.slice/nginx.service");
  EXPECT_EQ(parse_cgroup("12:pids:/old\n"), "");
}

TEST(process_facts, writes_a_command_line_as_one_does) {
  EXPECT_EQ(parse_command_line(std::string_view("nginx\0-g\0daemon off;\0\0", 22)),
            "nginx -g daemon off;");
  EXPECT_EQ(parse_command_line(""), "");
}

TEST(process_facts, knows_this_process) {
  process_reader reader;
  const auto self = reader.read(::getpid());
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_NE(self.command_line.find("waitstate_kernel_test"), std::string::npos);
  EXPECT_EQ(self.runtime, runtime::unknown);
  EXPECT_TRUE(self.fd_limit);
  EXPECT_EQ(self.activity, 'R');
}

TEST(process_facts, leaves_a_process_that_has_gone_empty) {
  process_reader reader;
  const auto gone = reader.read(0x7ffffffe);
  EXPECT_EQ(gone.name, "");
  EXPECT_EQ(gone.activity, 0);
  EXPECT_EQ(gone.fd_limit, std::nullopt);
}

}  // namespace
}  // namespace waitstate::kernel
