#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(ghost_sockets, over_a_hundred_or_growing_worst_first) {
  auto s = host();
  s.processes.push_back({.pid = 1, .name = "few", .ghost_sockets = 100});
  s.processes.push_back(
      {.pid = 2, .name = "grows", .ghost_sockets = 40, .ghost_growth_per_second = 2.0});
  s.processes.push_back({.pid = 3, .name = "many", .fd_count = 900, .ghost_sockets = 812});
  const auto found = ghost_sockets(s);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].title,
            "many (pid 3) holds 812 descriptors whose sockets are in no kernel table");
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[1].subject.pid, 2);
  EXPECT_EQ(found[1].forecast, "2.0 more every second");
}

TEST(ghost_sockets, that_were_never_connected_are_no_ghosts) {
  auto s = host();
  s.processes.push_back({.pid = 1, .name = "few", .unconnected_sockets = 100});
  s.processes.push_back({.pid = 2, .name = "many", .ghost_sockets = 0, .unconnected_sockets = 230});
  s.processes.push_back({.pid = 3, .name = "dead", .ghost_sockets = 101, .unconnected_sockets = 0});
  const auto found = ghost_sockets(s);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].title,
            "dead (pid 3) holds 101 descriptors whose sockets are in no kernel table");
  EXPECT_EQ(found[0].certainty.confidence, confidence::certain) << "they were told apart";
  EXPECT_EQ(found[1].title, "many (pid 2) holds 230 sockets that it never connected");
}

TEST(ghost_sockets, in_picked_rows_of_lsof_are_a_sample) {
  struct expectation {
    std::uint64_t ghosts;
    std::uint64_t sockets;
    std::size_t findings;
  };
  for (const auto& e : {expectation{3, 6, 1}, expectation{2, 4, 0}, expectation{3, 7, 0}}) {
    auto s = paste(os_family::linux_kernel);
    s.processes.push_back({.pid = 1,
                           .name = "dotnet",
                           .fds = fd_kinds{.sockets = e.sockets},
                           .ghost_sockets = e.ghosts});
    EXPECT_EQ(ghost_sockets(s).size(), e.findings) << e.ghosts;
    s.source = source_kind::live;
    EXPECT_TRUE(ghost_sockets(s).empty()) << e.ghosts;
  }
}

TEST(ghost_sockets, are_those_that_a_bsd_shows_as_closed) {
  struct row {
    std::uint64_t closed;
    std::uint64_t open;
    std::size_t findings;
  };
  for (const auto& r :
       {row{3, 3, 1}, row{2, 0, 0}, row{3, 4, 0}, row{101, 909, 1}, row{101, 910, 0}}) {
    auto s = paste(os_family::macos);
    s.processes.push_back({.pid = 7, .name = "node"});
    const owner_ref node{.kind = ownership::owned, .process = 0};
    put(s, to(tcp::state::closed, "10.0.0.9", 443, r.closed).of(node));
    if (r.open > 0) put(s, to(tcp::state::established, "10.0.0.9", 443, r.open).of(node));
    const auto found = ghost_sockets(s);
    ASSERT_EQ(found.size(), r.findings) << r.closed << " beside " << r.open;
    if (r.closed != 101 || found.empty()) continue;
    EXPECT_EQ(found[0].title,
              "node (pid 7) holds 101 sockets in CLOSED: their connections are "
              "over, and the descriptors are kept");
    EXPECT_EQ(found[0].certainty.confidence, confidence::likely);
  }
}

TEST(ghost_sockets, in_the_queue_of_a_listener_are_told_there) {
  auto s = paste(os_family::freebsd);
  put(s, on(tcp::state::closed, 80, "9.9.9.9", 193));
  EXPECT_EQ(ghost_sockets(s).size(), 1U);
  put_listener(s, "0.0.0.0", 80, 193, 128);
  EXPECT_TRUE(ghost_sockets(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
