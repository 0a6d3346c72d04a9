#include "bpf/descriptor_records.h"

#include <array>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

constexpr unsigned int here = 5;

descriptor_record socket_of(unsigned int pid, unsigned int inode, socket_life_record life) {
  return {.pid = pid,
          .thread = pid,
          .fd = 3,
          .inode = inode,
          .net_namespace = here,
          .kind = descriptor_socket,
          .life = static_cast<unsigned char>(life)};
}

TEST(descriptor_records, are_counted_by_process_and_kind) {
  descriptor_records records;
  records.add(process_record{.pid = 10, .net_namespace = here});
  records.add(process_record{.pid = 20, .net_namespace = here});
  records.add(process_record{.pid = 30, .net_namespace = 6});
  for (const auto kind : {descriptor_file, descriptor_file, descriptor_pipe, descriptor_anonymous,
                          descriptor_other}) {
    records.add(
        descriptor_record{.pid = 20, .thread = 20, .kind = static_cast<unsigned char>(kind)});
  }
  records.add(socket_of(30, 700, socket_is_listed));
  EXPECT_EQ(records.descriptors(), 6U);
  auto scan = records.take();
  ASSERT_EQ(scan.processes.size(), 3U);
  EXPECT_EQ(scan.processes[0].fd_count, 0U);
  EXPECT_EQ(scan.processes[1].kinds,
            (fd_kinds{.files = 2, .pipes = 1, .anonymous = 1, .other = 1}));
  EXPECT_EQ(scan.processes[2].kinds, (fd_kinds{.sockets = 1}));
  EXPECT_EQ(scan.processes[2].net_namespace, 6U);
  EXPECT_EQ(scan.owners.owner_of(700), 2U);
}

TEST(descriptor_records, of_a_process_that_was_not_there_before_are_left_for_the_next_look) {
  descriptor_records records;
  records.add(process_record{.pid = 10, .net_namespace = here});
  records.add(socket_of(9, 1, socket_is_listed));
  records.add(socket_of(11, 2, socket_is_listed));
  EXPECT_EQ(records.descriptors(), 0U);
  EXPECT_EQ(records.take().owners.size(), 0U);
}

TEST(descriptor_records, of_threads_with_a_table_of_their_own_are_not_added_to_the_first) {
  descriptor_records records;
  records.add(process_record{.pid = 10, .net_namespace = here});
  records.add(process_record{.pid = 12, .net_namespace = here});
  records.add(socket_of(10, 1, socket_is_listed));
  auto of_thread = socket_of(10, 2, socket_is_listed);
  of_thread.thread = 11;
  records.add(of_thread);
  records.add(socket_of(12, 3, socket_is_listed));
  auto scan = records.take();
  EXPECT_EQ(scan.processes[0].fd_count, 1U);
  EXPECT_FALSE(scan.owners.owner_of(2));
  EXPECT_EQ(scan.owners.owner_of(3), 1U);
}

TEST(descriptor_records, tell_what_has_become_of_a_socket) {
  descriptor_records records;
  records.add(process_record{.pid = 10, .net_namespace = here});
  records.add(socket_of(10, 1, socket_is_no_tcp));
  records.add(socket_of(10, 2, socket_is_listed));
  records.add(socket_of(10, 3, socket_has_ended));
  records.add(socket_of(10, 4, socket_never_connected));
  auto passed_on = socket_of(10, 5, socket_has_ended);
  passed_on.net_namespace = 6;
  records.add(passed_on);
  std::array<socket_life, 6> life{};
  const auto scan = records.take();
  scan.owners.visit_unasked([&](const held_socket& h) { life.at(h.inode) = h.life; });
  EXPECT_EQ(life[1], socket_life::no_tcp);
  EXPECT_EQ(life[2], socket_life::listed);
  EXPECT_EQ(life[3], socket_life::ended);
  EXPECT_EQ(life[4], socket_life::never_connected);
  EXPECT_EQ(life[5], socket_life::listed) << "of another namespace: nothing is known";
}

TEST(descriptor_records, are_taken_whole_and_the_rest_is_given_back) {
  const std::array<process_record, 2> two{
      {{.pid = 1, .net_namespace = here}, {.pid = 2, .net_namespace = here}}};
  const auto bytes = std::as_bytes(std::span(two));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    descriptor_records records;
    const auto rest = take_records<process_record>(bytes.first(cut), records);
    EXPECT_EQ(rest.size(), cut % sizeof(process_record));
    EXPECT_EQ(records.take().processes.size(), cut / sizeof(process_record));
  }
}

}  // namespace
}  // namespace waitstate::kernel
