#include "waitstate/snapshot/snapshot.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(snapshot, writes_named_addresses_with_their_names) {
  snapshot s;
  s.names = {"db.internal", "XX.XX.XX.XX"};
  EXPECT_EQ(s.text_of({.address = tcp::address::named(1), .port = 80}), "XX.XX.XX.XX:80");
  EXPECT_EQ(s.text_of({.address = tcp::address::named(0), .port = 0}), "db.internal:*");
  EXPECT_EQ(s.text_of(*tcp::parse_endpoint("[::1]:80")), "[::1]:80");
}

TEST(snapshot, finds_the_owner_only_where_there_is_one) {
  snapshot s;
  s.processes.push_back({.pid = 812, .name = "nginx"});
  EXPECT_EQ(s.owner_of({.kind = ownership::owned, .process = 0}), &s.processes[0]);
  EXPECT_EQ(s.owner_of({.kind = ownership::hidden, .process = 0}), nullptr);
  EXPECT_EQ(s.owner_of({.kind = ownership::owned, .process = 1}), nullptr);
}

TEST(process, is_named_by_what_is_known) {
  EXPECT_EQ(to_string(process{.pid = 812, .name = "nginx"}), "nginx (pid 812)");
  EXPECT_EQ(to_string(process{.pid = 812}), "pid 812");
  EXPECT_EQ(to_string(process{.name = "nginx"}), "nginx");
}

TEST(snapshot, adds_up_the_states_of_its_namespaces) {
  snapshot s;
  s.namespaces.resize(2);
  s.namespaces[0].states.add(tcp::state::listen, 2);
  s.namespaces[1].states.add(tcp::state::listen, 3);
  EXPECT_EQ(s.states().of(tcp::state::listen), 5U);
}

TEST(source_kind, every_name_reads_back) {
  for (const auto value : all_source_kinds)
    EXPECT_EQ(parse_source_kind(to_string(value)), value) << to_string(value);
  EXPECT_EQ(parse_source_kind(""), std::nullopt);
}

}  // namespace
}  // namespace waitstate
