#include "waitstate/render/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report_fixture.h"

namespace waitstate::render {
namespace {

using testing::ElementsAre;

/// "count where owner" of each row.
std::vector<std::string> rows_of(const group_options& options) {
  const auto s = busy_proxy();
  std::vector<std::string> rows;
  for (const auto& row : group_sockets(s, options).rows) {
    auto text = std::to_string(row.group.count);
    for (const auto& part : {row.local, row.peer, row.owner}) {
      if (!part.empty()) text += " " + part;
    }
    rows.push_back(text);
  }
  return rows;
}

TEST(groups, put_inbound_peers_together_unless_asked) {
  EXPECT_THAT(
      rows_of({}),
      ElementsAre("28229 10.0.0.7:80 nobody", "1200 10.0.0.1:443 nginx (pid 812)",
                  "12 [2001:db8::5]:5432 nginx (pid 812)", "1 0.0.0.0:443 nginx (pid 812)"));
}

TEST(groups, count_by_each_column) {
  EXPECT_THAT(rows_of({.by = {group_column::peer}}),
              ElementsAre("28229 10.0.0.7:80", "400 192.0.2.1", "400 192.0.2.2", "400 192.0.2.3",
                          "12 [2001:db8::5]:5432", "1"));
  EXPECT_THAT(rows_of({.by = {group_column::owner}}),
              ElementsAre("28229 nobody", "1213 nginx (pid 812)"));
  EXPECT_THAT(rows_of({.by = {group_column::state}}), ElementsAre("28229", "1200", "12", "1"));
  EXPECT_THAT(rows_of({.by = {group_column::listener}}), ElementsAre("28241", "1201 0.0.0.0:443"));
  EXPECT_THAT(rows_of({.by = {group_column::net_namespace}}), ElementsAre("29442"));
}

TEST(groups, pass_only_what_every_filter_lets_through) {
  const std::vector<group_column> by{group_column::state};
  EXPECT_THAT(rows_of({.by = by, .states = {tcp::state::close_wait}}), ElementsAre("12"));
  EXPECT_THAT(rows_of({.by = by, .peer = "10.0.0.7"}), ElementsAre("28229"));
  EXPECT_THAT(rows_of({.by = by, .peer = "[2001:db8::5]:5432"}), ElementsAre("12"));
  EXPECT_THAT(rows_of({.by = by, .peer = "[2001:db8::5]:5433"}), ElementsAre());
  EXPECT_THAT(rows_of({.by = by, .port = 443}), ElementsAre("1200", "1"));
  EXPECT_THAT(rows_of({.by = by, .process = "nginx"}), ElementsAre("1200", "12", "1"));
  EXPECT_THAT(rows_of({.by = by, .process = "812"}), ElementsAre("1200", "12", "1"));
  EXPECT_THAT(rows_of({.by = by, .process = "81"}), ElementsAre());
  EXPECT_THAT(rows_of({.by = by, .older_than = std::chrono::hours(1)}), ElementsAre("12"));
  EXPECT_THAT(rows_of({.by = by, .states = {tcp::state::established}, .port = 80}), ElementsAre());
}

TEST(groups, find_a_peer_that_a_paste_names) {
  snapshot_builder b;
  b.add_namespace({});
  const auto db = b.name("db.internal");
  b.add({.flow = {.local = ep("10.0.0.1:40001"), .remote = {.address = db, .port = 3306}},
         .state = tcp::state::close_wait});
  const auto s = b.finish(a_monday);
  EXPECT_EQ(group_sockets(s, {.peer = "db.internal"}).matched, 1U);
  EXPECT_EQ(group_sockets(s, {.peer = "db.internal:3306"}).matched, 1U);
  EXPECT_EQ(group_sockets(s, {.peer = "db"}).matched, 0U);
}

TEST(groups, tell_mixed_directions_and_count_peers) {
  const auto s = busy_proxy();
  const auto by_owner = group_sockets(s, {.by = {group_column::owner}});
  EXPECT_EQ(by_owner.rows[0].direction, direction::outbound);
  EXPECT_EQ(by_owner.rows[1].direction, std::nullopt);
  EXPECT_EQ(by_owner.rows[1].peers, 4U);
  EXPECT_EQ(by_owner.matched, 29'442U);
  EXPECT_EQ(by_owner.total, 29'442U);
}

TEST(groups, keep_accept_queues_apart_from_unread_bytes) {
  const auto s = busy_proxy();
  const auto rows = group_sockets(s, {.by = {group_column::listener}}).rows;
  EXPECT_EQ(rows[1].accept_queue, 3U);
  EXPECT_EQ(rows[1].backlog, 511U);
  EXPECT_EQ(rows[1].group.receive_queue_bytes, 120'000U);
}

TEST(groups, become_json) {
  const auto s = busy_proxy();
  const auto json = nlohmann::json::parse(to_json(s, group_sockets(s, {})));
  EXPECT_EQ(json["by"], (std::vector<std::string>{"state", "listener", "peer", "owner"}));
  EXPECT_EQ(json["total"], 29'442);
  const auto& leak = json["groups"][2];
  EXPECT_EQ(leak["states"], (nlohmann::json{{"CLOSE-WAIT", 12}}));
  EXPECT_EQ(leak["direction"], "outbound");
  EXPECT_EQ(leak["owner"]["pid"], 812);
  EXPECT_EQ(leak["owner"]["runtime"], "nginx");
  EXPECT_EQ(leak["receive_queue"]["one"], 12);
  EXPECT_EQ(leak["oldest_ms"], 3'700'000);
  EXPECT_EQ(leak["accept_queue"], nullptr);
  EXPECT_EQ(json["groups"][3]["backlog"], 511);
}

TEST(groups, count_what_is_cut_from_json) {
  const auto s = busy_proxy();
  const auto json = nlohmann::json::parse(to_json(s, group_sockets(s, {}), 3));
  EXPECT_EQ(json["groups"].size(), 3U);
  EXPECT_EQ(json["groups_cut"], 1);
}

TEST(groups, parse_the_names_that_they_print) {
  for (const auto c : {group_column::net_namespace, group_column::state, group_column::peer,
                       group_column::owner, group_column::listener}) {
    EXPECT_EQ(parse_group_column(to_string(c)), c);
  }
  EXPECT_EQ(parse_group_column("pear"), std::nullopt);
}

}  // namespace
}  // namespace waitstate::render
