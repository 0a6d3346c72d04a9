#include "cluster/call_times.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::uint64_t all(const latency_histogram& h) {
  return std::accumulate(h.calls.begin(), h.calls.end(), std::uint64_t{0});
}

TEST(call_times, count_a_call_in_the_first_bucket_that_it_fits_in) {
  call_times times;
  times.count(1ms, true);        // 0.5 to 1 ms, the bound included
  times.count(1ms + 1ns, true);  // 1 to 2.5 ms
  times.count(0ns, true);
  times.count(5min, true);  // past every bound
  const auto h = times.answered();
  const auto of_1ms = std::ranges::find(latency_histogram::bounds, duration(1ms)) -
                      latency_histogram::bounds.begin();
  EXPECT_EQ(h.calls.at(of_1ms), 1U);
  EXPECT_EQ(h.calls.at(of_1ms + 1), 1U);
  EXPECT_EQ(h.calls.front(), 1U);
  EXPECT_EQ(h.calls.back(), 1U);
  EXPECT_EQ(all(h), 4U);
  EXPECT_EQ(h.sum, 5min + 2ms + 1ns);
}

TEST(call_times, keep_failed_calls_apart) {
  call_times times;
  times.count(1s, false);
  times.count(2ms, true);
  EXPECT_EQ(all(times.answered()), 1U);
  EXPECT_EQ(all(times.failed()), 1U);
  EXPECT_EQ(times.failed().sum, 1s);
}

TEST(call_times, have_bounds_that_rise) {
  EXPECT_TRUE(std::ranges::is_sorted(latency_histogram::bounds));
}

}  // namespace
}  // namespace waitstate::client
