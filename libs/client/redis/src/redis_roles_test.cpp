#include "waitstate/client/redis/redis_roles.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

const endpoint a{.host = "10.0.0.1", .port = 6379};
const endpoint b{.host = "10.0.0.2", .port = 6379};
const endpoint c{.host = "10.0.0.3", .port = 6379};

redis_server primary(const endpoint& at, std::int64_t offset, std::size_t replicas) {
  return {at, redis_role{.is_primary = true, .offset = offset, .replicas = replicas}};
}
redis_server replica(const endpoint& at, bool is_linked = true) {
  return {at, redis_role{.offset = 5, .is_linked = is_linked}};
}
redis_server silent(const endpoint& at) {
  return {at, std::nullopt};
}

redis_roles roles_of(std::vector<redis_server> servers, std::optional<endpoint> was = {}) {
  return decide_redis_roles(servers, was);
}

using set = std::vector<endpoint>;

TEST(redis_roles, send_writes_to_the_primary_and_reads_to_linked_replicas) {
  EXPECT_EQ(roles_of({replica(a), primary(b, 5, 2), replica(c)}), (redis_roles{b, set{a, c}}));
  EXPECT_EQ(roles_of({replica(a), primary(b, 5, 1), replica(c, false)}), (redis_roles{b, set{a}}));
}

TEST(redis_roles, send_reads_to_the_primary_when_no_replica_is_linked) {
  EXPECT_EQ(roles_of({primary(a, 5, 0)}), (redis_roles{a, set{a}}));
  EXPECT_EQ(roles_of({primary(a, 5, 0), replica(b, false), silent(c)}), (redis_roles{a, set{a}}));
}

TEST(redis_roles, send_reads_to_a_cut_off_replica_rather_than_to_nobody) {
  EXPECT_EQ(roles_of({silent(a), replica(b, false)}, a), (redis_roles{std::nullopt, set{b}}));
}

TEST(redis_roles, keep_what_was_known_when_nobody_answers) {
  EXPECT_EQ(roles_of({silent(a), silent(b)}, a), redis_roles{});
  EXPECT_EQ(roles_of({}), redis_roles{});
}

TEST(redis_roles, follow_a_promotion) {
  EXPECT_EQ(roles_of({silent(a), primary(b, 9, 0)}, a), (redis_roles{b, set{b}}));
}

TEST(redis_roles, never_have_two_primaries) {
  // The old one came back empty.
  EXPECT_EQ(roles_of({primary(a, 0, 0), primary(b, 900, 0)}, b).primary, b);
  EXPECT_EQ(roles_of({primary(a, 0, 0), primary(b, 900, 0)}, a).primary, b);
  // A promotion under way: whom the others follow counts first.
  EXPECT_EQ(roles_of({primary(a, 950, 0), primary(b, 900, 1), replica(c)}, a).primary, b);
  EXPECT_EQ(roles_of({primary(a, 950, 0), primary(b, 900, 0)}, b).primary, a);
  // No difference: it stays where it was.
  EXPECT_EQ(roles_of({primary(a, 5, 0), primary(b, 5, 0)}, b).primary, b);
  EXPECT_EQ(roles_of({primary(a, 5, 0), primary(b, 5, 0)}).primary, a);
}

redis_reply text(std::string t) {
  return {.kind = redis_kind::string, .text = std::move(t)};
}
redis_reply number(std::int64_t n) {
  return {.kind = redis_kind::integer, .number = n};
}
redis_reply list(std::vector<redis_reply> elements) {
  return {.kind = redis_kind::array, .elements = std::move(elements)};
}

TEST(redis_roles, are_read_from_role) {
  EXPECT_EQ(parse_redis_role(list({text("master"), number(42), list({list({}), list({})})})),
            (redis_role{.is_primary = true, .offset = 42, .replicas = 2}));
  EXPECT_EQ(parse_redis_role(list(
                {text("slave"), text("10.0.0.1"), number(6379), text("connected"), number(7)})),
            (redis_role{.offset = 7, .is_linked = true}));
  EXPECT_EQ(parse_redis_role(
                list({text("slave"), text("10.0.0.1"), number(6379), text("sync"), number(-1)})),
            (redis_role{.offset = -1, .is_linked = false}));
}

TEST(redis_roles, are_not_read_from_anything_else) {
  const redis_reply cases[] = {
      {.kind = redis_kind::error, .text = "NOAUTH Authentication required."},
      list({text("sentinel"), list({})}),
      list({text("master"), text("x"), list({})}),
      list({text("slave"), text("10.0.0.1"), number(6379)}),
      {}};
  for (const auto& r : cases) {
    const auto read = parse_redis_role(r);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what, "the reply to ROLE is " + to_string(r));
  }
}

}  // namespace
}  // namespace waitstate::client
