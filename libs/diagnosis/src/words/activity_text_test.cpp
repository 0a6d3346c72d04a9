#include "words/activity_text.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

owner_ref add(snapshot& s, std::int32_t pid, char activity, const char* waits_in) {
  const auto one = add_process(s, pid, "web");
  s.processes.back().activity = activity;
  s.processes.back().waits_in = waits_in;
  return one;
}

TEST(activity_text, tells_workers_together_and_the_most_first) {
  auto s = host();
  const std::vector all{add(s, 11, 'R', ""), add(s, 12, 'S', "hrtimer_nanosleep"),
                        add(s, 13, 'S', "hrtimer_nanosleep"), add(s, 14, 'T', "do_signal_stop")};
  EXPECT_EQ(activities_text(s, all),
            "2 asleep in hrtimer_nanosleep (pids 12 and 13), 1 running (pid 11) and 1 stopped in "
            "do_signal_stop (pid 14)");
  EXPECT_EQ(activities_text(s, {}), "");
}

TEST(activity_text, has_a_row_for_threads_only_where_they_are_in_several_places) {
  auto s = host();
  const auto one = add(s, 11, 'S', "do_epoll_wait");
  s.processes[0].threads = {{.place = "do_epoll_wait", .threads = 4}};
  const auto alone = activity_evidence(s, {one}, one);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone[0].fact, "its main thread");
  s.processes[0].threads = {{.place = "futex_wait_queue", .threads = 30},
                            {.place = "", .threads = 1}};
  const auto more = activity_evidence(s, {one}, one);
  ASSERT_EQ(more.size(), 2U);
  EXPECT_EQ(more[1].value, "30 in futex_wait_queue and 1 running");
}

}  // namespace
}  // namespace waitstate::diagnosis
