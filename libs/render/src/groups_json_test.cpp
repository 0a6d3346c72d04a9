#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report_fixture.h"
#include "waitstate/render/groups_json.h"

namespace waitstate::render {
namespace {

TEST(groups_json, has_what_a_row_has) {
  const auto s = busy_proxy();
  const auto json = nlohmann::json::parse(to_json(s, group_sockets(s, {}, {})));
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

TEST(groups_json, counts_what_is_cut_from_json) {
  const auto s = busy_proxy();
  const auto json = nlohmann::json::parse(to_json(s, group_sockets(s, {}, {}), 3));
  EXPECT_EQ(json["groups"].size(), 3U);
  EXPECT_EQ(json["groups_cut"], 1);
}

TEST(groups_json, tells_what_was_followed_between_two_looks) {
  auto s = busy_proxy();
  EXPECT_EQ(nlohmann::json::parse(to_json(s, group_sockets(s, {}, {})))["followed"], nullptr);
  followed_flow flow{.direction = direction::outbound,
                     .end = {.address = tcp::address::v4({10, 0, 0, 7}), .port = 80},
                     .opener = 0,
                     .closer = {},
                     .started = "curl",
                     .programs = 3,
                     .opened = 9,
                     .ended = 8};
  flow.sizes.count[9] = 8;
  s.followed = {.watched = std::chrono::seconds(5), .flows = {flow}, .not_counted = 2};
  const auto followed = nlohmann::json::parse(to_json(s, group_sockets(s, {}, {})))["followed"];
  EXPECT_EQ(followed["watched_ms"], 5'000);
  EXPECT_EQ(followed["not_counted"], 2);
  const auto& told = followed["flows"][0];
  EXPECT_EQ(told["end"], "10.0.0.7:80");
  EXPECT_EQ(told["opener"]["process"], s.processes[0].name);
  EXPECT_EQ(told["closer"], nullptr);
  EXPECT_EQ(told["started"], "curl");
  EXPECT_EQ(told["ended"], 8);
  EXPECT_EQ(told["half_live_less_us"], nullptr);
  EXPECT_EQ(told["half_carry_less"], 1024);
}

}  // namespace
}  // namespace waitstate::render
