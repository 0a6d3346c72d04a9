#include "proc/thread_places.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(thread_places, are_counted_and_the_most_come_first) {
  const std::vector<thread_place> expected{{.place = "futex_wait_queue", .threads = 2},
                                           {.place = "", .threads = 1},
                                           {.place = "inet_csk_accept", .threads = 1}};
  EXPECT_EQ(counted_places({"inet_csk_accept", "futex_wait_queue", "0", "futex_wait_queue"}),
            expected);
  EXPECT_TRUE(counted_places({}).empty());
}

TEST(thread_places, of_this_process_hold_the_one_that_asks) {
  const auto places = read_thread_places(::getpid());
  ASSERT_FALSE(places.empty());
  EXPECT_EQ(places.front().place, "") << "it runs";
  EXPECT_TRUE(read_thread_places(2'147'483'646).empty());
}

}  // namespace
}  // namespace waitstate::kernel
