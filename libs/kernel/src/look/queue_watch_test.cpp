#include "look/queue_watch.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

using glimpse = queue_watch::glimpse;

TEST(queue_watch, takes_what_is_held_or_gone_for_taken_and_not_what_its_client_cut_off) {
  struct row {
    const char* what;
    glimpse after;
    std::uint64_t taken;
  };
  const glimpse before{.queue = 3, .waiting = {1, 2, 3}, .held = {9}};
  const row rows[] = {
      {"nothing moves", {.queue = 3, .waiting = {1, 2, 3}, .held = {9}}, 0},
      {"more come", {.queue = 5, .waiting = {1, 2, 3, 4, 5}, .held = {9}}, 0},
      {"one is held", {.queue = 2, .waiting = {2, 3}, .held = {1, 9}}, 1},
      {"one is served and over", {.queue = 2, .waiting = {2, 3}, .held = {9}}, 1},
      {"one is over and another came", {.queue = 3, .waiting = {2, 3, 4}, .held = {9}}, 1},
      {"a client cut one off", {.queue = 3, .waiting = {2, 3}, .held = {9}}, 0},
      {"the same, and one came", {.queue = 4, .waiting = {2, 3, 4}, .held = {9}}, 0},
      {"one cut off, one taken", {.queue = 2, .waiting = {3}, .held = {2, 9}}, 1},
      {"another program's own", {.queue = 3, .waiting = {1, 2, 3}, .held = {}}, 0}};
  for (const auto& [what, after, taken] : rows) {
    queue_watch watch;
    watch.see(before);
    watch.see(after);
    EXPECT_EQ(watch.taken(), taken) << what;
  }
}

TEST(queue_watch, keeps_what_it_saw) {
  queue_watch watch;
  watch.see({.queue = 1, .waiting = {1}, .held = {}});
  watch.see({.queue = 0, .waiting = {}, .held = {1}});
  watch.see({.queue = 9, .waiting = {}, .held = {}});
  EXPECT_EQ(watch.taken(), 1U);
}

}  // namespace
}  // namespace waitstate::kernel
