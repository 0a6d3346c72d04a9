#include "reading/process_table.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(process_table, knows_a_process_by_its_pid_whatever_else_is_said) {
  snapshot_builder builder;
  process_table processes(builder);
  const auto first = processes.index_of(812, {});
  EXPECT_EQ(processes.index_of(812, "nginx"), first);
  EXPECT_EQ(processes.index_of(812, "nginx: worker"), first);
  EXPECT_NE(processes.index_of(813, "nginx"), first);
  EXPECT_EQ(builder.process_at(first).name, "nginx");
  EXPECT_EQ(builder.process_at(first).runtime, runtime::nginx);
}

TEST(process_table, gives_a_loose_limit_to_the_process_whose_descriptors_were_counted) {
  snapshot_builder builder;
  process_table processes(builder);
  processes.set_limit(0, {.soft = 1024, .hard = {}});
  processes.set_descriptor_count(24566, {}, 1044);
  processes.finish();
  EXPECT_EQ(builder.process_at(0).fd_count, 1044U);
  EXPECT_EQ(builder.process_at(0).fd_limit, 1024U);
}

TEST(process_table, files_what_belongs_to_no_process_under_the_host) {
  snapshot_builder builder;
  process_table processes(builder);
  processes.set_limit(0, {.soft = 1024, .hard = {}});
  processes.set_descriptor_count(0, {}, 64708);
  processes.finish();
  EXPECT_EQ(builder.host().sysctl("RLIMIT_NOFILE"), 1024);
  EXPECT_EQ(builder.host().open_files, 64708U);
}

TEST(process_table, counts_the_rows_of_lsof_by_kind) {
  snapshot_builder builder;
  process_table processes(builder);
  for (const auto kind :
       {descriptor_kind::not_a_descriptor, descriptor_kind::file, descriptor_kind::pipe,
        descriptor_kind::other_socket, descriptor_kind::socket_without_protocol}) {
    processes.add_descriptor({.program = "/usr/bin/node", .pid = 1, .kind = kind});
  }
  processes.finish();
  const auto& p = builder.process_at(0);
  EXPECT_EQ(p.name, "node");
  EXPECT_EQ(p.fds, (fd_kinds{.sockets = 2, .files = 1, .pipes = 1}));
  EXPECT_EQ(p.ghost_sockets, 1U);
  EXPECT_EQ(p.fd_count, 4U);
}

TEST(process_table, takes_a_loose_count_at_a_loose_limit_for_one_process) {
  struct row {
    std::uint64_t count;
    bool one;
  };
  for (const auto& [count, one] : {row{1020, true}, row{1126, true}, row{1127, false}}) {
    snapshot_builder builder;
    process_table processes(builder);
    processes.set_limit(0, {.soft = 1024, .hard = {}});
    processes.set_descriptor_count(0, {}, count);
    processes.finish();
    ASSERT_EQ(builder.process_count(), one ? 1U : 0U) << count;
    if (!one) continue;
    EXPECT_EQ(builder.process_at(0).fd_count, count);
    EXPECT_EQ(builder.process_at(0).fd_limit, 1024U);
  }
}

}  // namespace
}  // namespace waitstate::paste
