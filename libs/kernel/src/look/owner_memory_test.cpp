#include "look/owner_memory.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

const std::vector<process> two{{.pid = 1, .name = "init"}, {.pid = 812, .name = "nginx"}};

TEST(owner_memory, knows_an_owner_from_the_look_after) {
  owner_memory memory;
  memory.note(4711, 6, 1);
  EXPECT_EQ(memory.owner_before(4711, 6), nullptr);
  memory.turn(two);
  ASSERT_NE(memory.owner_before(4711, 6), nullptr);
  EXPECT_EQ(memory.owner_before(4711, 6)->name, "nginx");
  EXPECT_EQ(memory.owner_before(4712, 6), nullptr);
}

TEST(owner_memory, keeps_namespaces_apart_whose_cookies_are_the_same) {
  owner_memory memory;
  memory.note(4711, 6, 0);
  memory.note(4711, 7, 1);
  memory.turn(two);
  EXPECT_EQ(memory.owner_before(4711, 6)->name, "init");
  EXPECT_EQ(memory.owner_before(4711, 7)->name, "nginx");
  EXPECT_EQ(memory.owner_before(4711, 8), nullptr);
}

TEST(owner_memory, forgets_what_the_last_look_did_not_note) {
  owner_memory memory;
  memory.note(4711, 6, 1);
  memory.turn(two);
  memory.turn({});
  EXPECT_EQ(memory.owner_before(4711, 6), nullptr);
}

TEST(owner_memory, keeps_what_was_before_a_look_that_failed) {
  owner_memory memory;
  memory.note(4711, 6, 1);
  memory.turn(two);
  memory.note(4712, 6, 0);
  memory.drop();
  EXPECT_EQ(memory.owner_before(4711, 6)->name, "nginx");
  memory.turn(two);
  EXPECT_EQ(memory.owner_before(4712, 6), nullptr);
}

TEST(owner_memory, notes_nothing_once_no_look_follows) {
  owner_memory memory;
  memory.note(4711, 6, 1);
  memory.turn(two);
  memory.close();
  memory.note(4712, 6, 1);
  EXPECT_EQ(memory.owner_before(4711, 6)->name, "nginx");
  memory.turn(two);
  EXPECT_EQ(memory.owner_before(4712, 6), nullptr);
}

}  // namespace
}  // namespace waitstate::kernel
