#include "waitstate/snapshot/grouping.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "busy_proxy.h"

namespace waitstate {
namespace {

using testing::ElementsAre;

/// "count where owner" of each row.
std::vector<std::string> rows_of(const std::vector<group_column>& by,
                                 std::string_view selected = "") {
  const auto s = busy_proxy();
  std::vector<std::string> rows;
  for (const auto& row : group_sockets(s, by, parse_selector(selected).value()).rows) {
    auto text = std::to_string(row.group.count);
    for (const auto& part : {row.local, row.peer, row.owner}) {
      if (!part.empty()) text += " " + part;
    }
    rows.push_back(text);
  }
  return rows;
}

TEST(grouping, put_inbound_peers_together_unless_asked) {
  EXPECT_THAT(
      rows_of({}),
      ElementsAre("28229 10.0.0.7:80 nobody", "1200 10.0.0.1:443 nginx (pid 812)",
                  "12 [2001:db8::5]:5432 nginx (pid 812)", "1 0.0.0.0:443 nginx (pid 812)"));
}

TEST(grouping, count_by_each_column) {
  EXPECT_THAT(rows_of({group_column::peer}),
              ElementsAre("28229 10.0.0.7:80", "400 192.0.2.1", "400 192.0.2.2", "400 192.0.2.3",
                          "12 [2001:db8::5]:5432", "1"));
  EXPECT_THAT(rows_of({group_column::owner}), ElementsAre("28229 nobody", "1213 nginx (pid 812)"));
  EXPECT_THAT(rows_of({group_column::state}), ElementsAre("28229", "1200", "12", "1"));
  EXPECT_THAT(rows_of({group_column::listener}), ElementsAre("28241", "1201 0.0.0.0:443"));
  EXPECT_THAT(rows_of({group_column::net_namespace}), ElementsAre("29442"));
}

TEST(grouping, takes_only_what_is_selected) {
  const std::vector<group_column> by{group_column::state};
  EXPECT_THAT(rows_of(by, "state:close-wait"), ElementsAre("12"));
  EXPECT_THAT(rows_of(by, "peer:10.0.0.7"), ElementsAre("28229"));
  EXPECT_THAT(rows_of(by, "port:443"), ElementsAre("1200", "1"));
  EXPECT_THAT(rows_of(by, "process:nginx"), ElementsAre("1200", "12", "1"));
  EXPECT_THAT(rows_of(by, "older:1h"), ElementsAre("12"));
  EXPECT_THAT(rows_of(by, "state:established port:80"), ElementsAre());
}

TEST(grouping, tell_mixed_directions_and_count_peers) {
  const auto s = busy_proxy();
  const auto by_owner = group_sockets(s, {group_column::owner}, {});
  EXPECT_EQ(by_owner.rows[0].direction, direction::outbound);
  EXPECT_EQ(by_owner.rows[1].direction, std::nullopt);
  EXPECT_EQ(by_owner.rows[1].peers, 4U);
  EXPECT_EQ(by_owner.matched, 29'442U);
  EXPECT_EQ(by_owner.total, 29'442U);
}

TEST(grouping, keep_accept_queues_apart_from_unread_bytes) {
  const auto s = busy_proxy();
  const auto rows = group_sockets(s, {group_column::listener}, {}).rows;
  EXPECT_EQ(rows[1].accept_queue, 3U);
  EXPECT_EQ(rows[1].backlog, 511U);
  EXPECT_EQ(rows[1].group.receive_queue_bytes, 120'000U);
}

TEST(grouping, put_what_runs_in_one_container_together) {
  auto s = busy_proxy();
  s.processes.push_back({.pid = 813, .name = "nginx"});
  for (auto& p : s.processes) p.cgroup = "/system.slice/web.service";
  s.listeners[0].owner.process = static_cast<std::uint32_t>(s.processes.size() - 1);
  std::uint64_t owned = 0;
  for (const auto& g : s.groups) {
    if (g.key.owner.kind == ownership::owned) owned += g.count;
  }
  for (const auto& l : s.listeners) owned += l.owner.kind == ownership::owned ? 1 : 0;
  const auto by_home = group_sockets(s, {group_column::container}, {});
  ASSERT_EQ(by_home.rows.size(), 2U);
  EXPECT_EQ(by_home.rows[0].container, "nobody");
  EXPECT_EQ(by_home.rows[1].container, "web.service");
  EXPECT_EQ(by_home.rows[1].group.count, owned);
  EXPECT_EQ(by_home.matched, 29'442U);
}

TEST(grouping, parse_the_names_that_they_print) {
  for (const auto c : {group_column::net_namespace, group_column::state, group_column::peer,
                       group_column::owner, group_column::listener, group_column::container}) {
    EXPECT_EQ(parse_group_column(to_string(c)), c);
  }
  EXPECT_EQ(parse_group_column("pear"), std::nullopt);
}

}  // namespace
}  // namespace waitstate
