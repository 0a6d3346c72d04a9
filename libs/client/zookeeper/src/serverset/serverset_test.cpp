#include "serverset/serverset.h"

#include <gtest/gtest.h>

#include "serverset/serverset_vector.h"

namespace waitstate::client {
namespace {

serverset_entry alive(const char* node, endpoint at, std::optional<std::int32_t> shard = {}) {
  return {.node = node,
          .member = {.service = at, .additional = {{"http", {at.host, 80}}}, .shard = shard}};
}

std::vector<serverset_entry> three() {
  return {alive("member_0000000001", {"a", 1}, 0), alive("member_0000000002", {"b", 1}, 1),
          alive("member_0000000003", {"c", 1})};
}

std::vector<serverset_vector> vectors(const char* text) {
  return {parse_serverset_vector(text).value()};
}

TEST(serverset, gives_the_endpoint_without_a_name_or_the_one_that_is_wanted) {
  const std::vector<weighted_endpoint> unnamed{{{"a", 1}, 1}, {{"b", 1}, 1}, {{"c", 1}, 1}};
  const std::vector<weighted_endpoint> named{{{"a", 80}, 1}, {{"b", 80}, 1}, {{"c", 80}, 1}};
  EXPECT_EQ(serverset_select(three(), {}, {}).endpoints, unnamed);
  EXPECT_EQ(serverset_select(three(), {}, {.endpoint_name = "http"}).endpoints, named);
  const auto none = serverset_select(three(), {}, {.endpoint_name = "admin"});
  EXPECT_TRUE(none.endpoints.empty());
  EXPECT_EQ(none.left_out, (serverset_left_out{.no_such_name = 3}));
}

TEST(serverset, counts_what_it_leaves_out_and_why) {
  auto entries = three();
  entries[0].member.status = serverset_status::stopping;
  entries[1].member.service.host.clear();
  entries.push_back(alive("member_0000000004", {"d", 0}));
  entries.push_back(alive("member_0000000005", {"/tmp/x", 1}));
  entries.push_back(alive("member_0000000006", {"127.0.0.1\r\nX: y", 1}));
  entries.push_back(alive("member_0000000007", {std::string("127.0.0.1\0.a", 12), 1}));
  const auto found = serverset_select(entries, {}, {});
  EXPECT_EQ(found.endpoints, (std::vector<weighted_endpoint>{{{"c", 1}, 1}}));
  EXPECT_EQ(found.left_out, (serverset_left_out{.not_alive = 1, .no_address = 5}));
}

TEST(serverset, filters_by_shard) {
  const auto found = serverset_select(three(), {}, {.shard = 1});
  EXPECT_EQ(found.endpoints, (std::vector<weighted_endpoint>{{{"b", 1}, 1}}));
  EXPECT_EQ(found.left_out, (serverset_left_out{.other_shard = 2}));
}

TEST(serverset, takes_the_newer_of_two_members_with_one_endpoint) {
  const auto found = serverset_select(
      {alive("member_0000000009", {"a", 1}), alive("member_0000000001", {"a", 1})},
      vectors(R"({"vector":[{"select":"member=member_0000000009","weight":3}]})"), {});
  EXPECT_EQ(found.endpoints, (std::vector<weighted_endpoint>{{{"a", 1}, 3}}));
  EXPECT_EQ(found.left_out, (serverset_left_out{.same_address = 1}));
}

TEST(serverset, weighs_by_address_node_and_shard_and_multiplies) {
  auto all = vectors(
      R"({"vector":[{"select":"inet=a:1","weight":2.0,"priority":1},
                    {"select":"member=member_0000000002","weight":0.5,"priority":1},
                    {"select":"shard=0","weight":3}]})");
  all.push_back(vectors(R"({"vector":[{"select":"shard=0","weight":0.25}]})").front());
  const std::vector<weighted_endpoint> weighted{{{"a", 1}, 1.5}, {{"b", 1}, 0.5}, {{"c", 1}, 1}};
  EXPECT_EQ(serverset_select(three(), all, {}).endpoints, weighted);
}

TEST(serverset, a_negative_weight_takes_an_endpoint_out_even_twice) {
  const auto minus = R"({"vector":[{"select":"inet=a:1","weight":-1.0,"priority":1}]})";
  auto all = vectors(minus);
  all.push_back(all.front());
  const auto found = serverset_select(three(), all, {});
  EXPECT_EQ(found.endpoints, (std::vector<weighted_endpoint>{{{"b", 1}, 1}, {{"c", 1}, 1}}));
  EXPECT_EQ(found.left_out, (serverset_left_out{.by_weight = 1}));
}

TEST(serverset, weights_stay_finite) {
  const auto found = serverset_select(
      three(),
      vectors(
          R"({"vector":[{"select":"inet=a:1","weight":1e300},{"select":"inet=a:1","weight":1e300}]})"),
      {});
  EXPECT_EQ(found.endpoints.front().weight, 1e6);
}

TEST(serverset_vector, counts_selectors_that_select_nothing_we_know) {
  const auto vector = parse_serverset_vector(
      R"({"vector":[1,{},{"select":"zone=a"},{"select":"inet=a"},{"select":"inet=:1"},{"select":"shard=x"},
          {"select":"inet=[::1]:80"},{"select":"shard=-2","weight":"a"},{"select":"shard=-2"}]})");
  ASSERT_TRUE(vector);
  EXPECT_EQ(vector->unusable, 7U);
  ASSERT_EQ(vector->selectors.size(), 2U);
  EXPECT_EQ(vector->selectors[1], (serverset_selector{serverset_selector::shard{-2}, 1}));
}

TEST(serverset_vector, is_cut_where_all_together_have_too_many_selectors) {
  const auto two =
      R"({"vector":[{"select":"shard=0","weight":2},{"select":"shard=1","weight":3}]})";
  std::vector<serverset_vector> all(3, vectors(two).front());
  EXPECT_EQ(limit_selectors(all, 6), 0U);
  EXPECT_EQ(limit_selectors(all, 3), 3U);
  EXPECT_EQ(all[0].selectors.size(), 2U);
  ASSERT_EQ(all[1].selectors.size(), 1U);
  EXPECT_EQ(all[1].selectors[0], (serverset_selector{serverset_selector::shard{0}, 2}));
  EXPECT_TRUE(all[2].selectors.empty());
  EXPECT_EQ(limit_selectors(all, 0), 3U);
}

TEST(serverset_vector, says_what_is_wrong) {
  EXPECT_EQ(parse_serverset_vector("x").error().what, "serverset vector: not JSON");
  EXPECT_EQ(parse_serverset_vector("[]").error().what, "serverset vector: not a JSON object");
  EXPECT_EQ(parse_serverset_vector("{}").error().what, "serverset vector: no list 'vector'");
}

}  // namespace
}  // namespace waitstate::client
