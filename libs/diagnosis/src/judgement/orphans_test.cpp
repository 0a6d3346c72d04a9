#include "judgement/orphans.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

snapshot with_orphans(std::uint64_t count, const char* most) {
  auto s = paste(os_family::linux_kernel);
  s.host.sysctls["net.ipv4.tcp_max_orphans"] = most;
  s.namespaces[0].totals.orphan = count;
  return s;
}

constexpr tcp_memory_use pressed{.used = 200, .thresholds = {{100, 200, 300}}};

TEST(orphans, are_near_their_limit_from_four_fifths_on) {
  EXPECT_FALSE(orphans_of(with_orphans(799, "1000")).is_near());
  EXPECT_TRUE(orphans_of(with_orphans(800, "1000")).is_near());
  EXPECT_FALSE(orphans_of(with_orphans(800, "0")).is_near());
  EXPECT_FALSE(orphans_of(with_orphans(800, "-1")).is_near());
}

TEST(orphans, explain_what_is_said_of_memory_where_memory_has_room) {
  const message memory = said(message_kind::tcp_memory, "Out of socket memory");
  EXPECT_TRUE(explains(orphans_of(with_orphans(800, "1000")), memory, {}));
  EXPECT_FALSE(explains(orphans_of(with_orphans(800, "1000")), memory, pressed));
  EXPECT_FALSE(explains(orphans_of(with_orphans(799, "1000")), memory, {}));
}

TEST(orphans, that_are_many_explain_it_where_memory_is_seen_to_have_room) {
  const message either = said(message_kind::tcp_memory, "Out of socket memory");
  const message only_memory = said(message_kind::tcp_memory, "TCP: out of memory");
  const tcp_memory_use room{.used = 10, .thresholds = {{100, 200, 300}}};
  EXPECT_TRUE(explains(orphans_of(with_orphans(4'096, "0")), either, room));
  EXPECT_FALSE(explains(orphans_of(with_orphans(4'095, "0")), either, room));
  EXPECT_FALSE(explains(orphans_of(with_orphans(4'096, "0")), either, {})) << "nothing shows room";
  EXPECT_FALSE(explains(orphans_of(with_orphans(4'096, "0")), either, pressed));
  EXPECT_FALSE(explains(orphans_of(with_orphans(4'096, "0")), only_memory, room));
}

TEST(orphans, explain_it_when_they_are_said_at_least_as_often) {
  message memory = said(message_kind::tcp_memory, "MPTCP: out of memory");
  memory.count = 2;
  for (const auto& [times, expected] : {std::pair{1U, false}, std::pair{2U, true}}) {
    auto s = with_orphans(0, "1000");
    s.messages.push_back(said(message_kind::too_many_orphans, "too many orphaned sockets"));
    s.messages.back().count = times;
    EXPECT_EQ(explains(orphans_of(s), memory, {}), expected) << times;
  }
}

TEST(orphans, are_counted_by_their_states_where_a_paste_has_no_total) {
  auto s = paste(os_family::linux_kernel);
  put(s, to(tcp::state::fin_wait_1, "10.0.0.9", 80, 6'000));
  put(s, to(tcp::state::last_ack, "10.0.0.9", 80, 120));
  put(s, to(tcp::state::time_wait, "10.0.0.9", 80, 9'000));
  put(s, to(tcp::state::established, "10.0.0.9", 80, 300));
  const auto seen = orphans_of(s);
  EXPECT_EQ(seen.count, 6'120U);
  EXPECT_EQ(seen.sockets, 6'420U);
  EXPECT_TRUE(seen.are_most());
  s.namespaces[0].totals.orphan = 5;
  EXPECT_EQ(orphans_of(s).count, 5U) << "the kernel's own number is surer";
  s.namespaces[0].totals.orphan.reset();
  s.source = source_kind::live;
  EXPECT_EQ(orphans_of(s).count, 0U);
}

}  // namespace
}  // namespace waitstate::diagnosis
