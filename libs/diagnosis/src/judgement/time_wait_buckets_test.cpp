#include "judgement/time_wait_buckets.h"

#include <array>

#include <gtest/gtest.h>

#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(time_wait_buckets, overflow_when_the_table_is_full_or_the_counter_says_so) {
  struct row {
    bucket_use use;
    std::optional<severity> expected;
  };
  const std::array rows{
      row{{.in_use = 979, .most = 1'000}, std::nullopt},
      row{{.in_use = 980, .most = 1'000}, severity::warning},
      row{{.in_use = 980, .most = 0}, std::nullopt},
      row{{.in_use = 5, .most = 1'000, .overflows = 1}, severity::info},
      row{{.in_use = 5, .most = 1'000, .overflows_per_second = 0.1, .overflows = 1},
          severity::warning},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(severity_of_overflow(r.use), r.expected) << (&r - rows.data());
  }
}

TEST(time_wait_buckets, of_the_host_may_overflow_by_a_log_line_alone) {
  auto s = paste();
  s.namespaces.emplace_back();
  s.messages.push_back(
      said(message_kind::time_wait_overflow, "TCP: time wait bucket table overflow"));
  EXPECT_EQ(severity_of_overflow(bucket_use_of(s, 0)), severity::warning);
  EXPECT_EQ(severity_of_overflow(bucket_use_of(s, 1)), std::nullopt);
}

TEST(time_wait_buckets, overflow_much_where_a_paste_shows_a_hundredth_of_all) {
  struct row {
    std::uint64_t overflows, finished;
    severity expected;
  };
  constexpr row rows[] = {{48'211, 0, severity::warning},
                          {48'211, 4'000'000, severity::warning},
                          {48'211, 5'000'000, severity::info},
                          {999, 0, severity::info}};
  for (const auto& [overflows, finished, expected] : rows) {
    auto s = paste();
    s.namespaces[0].counters["TcpExt.TCPTimeWaitOverflow"] = overflows;
    if (finished > 0) s.namespaces[0].counters["TcpExt.TW"] = finished;
    EXPECT_EQ(severity_of_overflow(bucket_use_of(s, 0)), expected) << overflows << finished;
    s.source = source_kind::live;
    EXPECT_EQ(severity_of_overflow(bucket_use_of(s, 0)), severity::info);
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
