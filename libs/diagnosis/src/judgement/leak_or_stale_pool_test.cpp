#include "judgement/leak_or_stale_pool.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using enum outbound_judgement;
using tcp::state;

outbound_judgement judged(const snapshot& s) {
  return judge_outbound(s, holdings_of(s, direction::outbound).front());
}

TEST(leak_or_stale_pool, live_is_told_by_number_age_and_what_is_open) {
  struct row {
    std::uint64_t count;
    std::uint64_t established;
    std::uint32_t age_ms;
    std::uint64_t queue;
    outbound_judgement expected;
  };
  constexpr std::array rows{
      row{19, 0, 1'000, 1, passing},     row{20, 0, 1'000, 1, leak},
      row{20, 1, 1'000, 1, passing},     row{9, 0, 90'000, 1, stale_pool},
      row{10, 4, 90'000, 1, leak},       row{10, 5, 90'000, 1, stale_pool},
      row{10, 50, 90'000, 2, leak},  // unread data
      row{10, 50, 90'000, 0, leak},  // the end was delivered
      row{9, 50, 90'000, 2, stale_pool},
  };
  for (const auto& r : rows) {
    auto s = host();
    put(s, to(state::close_wait, "10.0.0.7", 443, r.count).with_queue(r.queue).aged(r.age_ms));
    put(s, to(state::established, "10.0.0.7", 443, r.established));
    EXPECT_EQ(judged(s), r.expected) << (&r - rows.data());
  }
}

TEST(leak_or_stale_pool, live_growth_is_a_leak_from_ten_that_outnumber_the_open_ones) {
  struct row {
    std::uint64_t count;
    std::uint64_t established;
    outbound_judgement expected;
  };
  constexpr std::array rows{row{9, 1, passing}, row{10, 9, leak}, row{10, 10, passing}};
  for (const auto& r : rows) {
    auto s = host();
    s.interval = std::chrono::seconds(10);
    put(s, to(state::close_wait, "10.0.0.7", 443, r.count).growing(0.5).aged(1'000));
    put(s, to(state::established, "10.0.0.7", 443, r.established));
    EXPECT_EQ(judged(s), r.expected) << r.count << " beside " << r.established;
  }
}

TEST(leak_or_stale_pool, pasted_is_a_leak_but_for_a_few_to_a_web_service_or_beside_open_ones) {
  struct row {
    std::uint64_t count;
    std::uint64_t established;
    std::uint16_t port;
    std::uint64_t queue;
    outbound_judgement expected;
  };
  constexpr std::array rows{
      row{4, 0, 443, 1, stale_pool},
      row{5, 0, 443, 1, leak},
      row{4, 0, 3306, 1, leak},
      row{4, 0, 443, 0, leak},
      row{4, 0, 443, 65, leak},
      row{9, 9, 3306, 64, stale_pool},  // a minority, no more unread than a goodbye of TLS
      row{9, 9, 3306, 65, leak},
      row{9, 8, 3306, 1, leak},
      row{10, 10, 3306, 1, leak},
  };
  for (const auto& r : rows) {
    auto s = paste();
    put(s, to(state::close_wait, "10.0.0.7", r.port, r.count).with_queue(r.queue));
    put(s, to(state::established, "10.0.0.7", r.port, r.established));
    EXPECT_EQ(judged(s), r.expected) << (&r - rows.data());
  }
}

TEST(leak_or_stale_pool, a_pool_at_its_limit_has_a_round_number_and_nothing_open) {
  struct row {
    std::uint64_t count;
    bool expected;
  };
  constexpr std::array rows{row{10, false}, row{20, true},  row{21, false}, row{32, true},
                            row{96, true},  row{97, false}, row{100, true}, row{110, false},
                            row{150, true}, row{128, true}, row{192, true}, row{193, false}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, to(state::close_wait, "10.0.0.7", 443, r.count));
    put(s, to(state::established, "10.0.0.8", 443, 1));
    const auto held = holdings_of(s, direction::outbound).front();
    EXPECT_EQ(pool_at_limit(s, held) != nullptr, r.expected) << r.count;
  }
  auto s = paste();
  put(s, to(state::close_wait, "10.0.0.7", 443, 100));
  put(s, to(state::established, "10.0.0.7", 443, 1));
  EXPECT_EQ(pool_at_limit(s, holdings_of(s, direction::outbound).front()), nullptr);
}

TEST(leak_or_stale_pool, live_a_pool_at_its_limit_takes_two_looks_and_a_minute) {
  struct row {
    bool two_looks;
    double growth;
    std::uint32_t age_ms;
    bool expected;
  };
  for (const auto& r : {row{true, 0, 60'000, true}, row{false, 0, 60'000, false},
                        row{true, 1, 60'000, false}, row{true, 0, 59'999, false}}) {
    auto s = host();
    if (r.two_looks) s.interval = std::chrono::seconds(2);
    put(s, to(state::close_wait, "10.0.0.7", 443, 100).aged(r.age_ms).growing(r.growth));
    const auto held = holdings_of(s, direction::outbound).front();
    EXPECT_EQ(pool_at_limit(s, held) != nullptr, r.expected) << r.growth << ' ' << r.age_ms;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
