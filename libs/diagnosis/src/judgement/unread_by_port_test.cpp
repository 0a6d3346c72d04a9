#include "judgement/unread_by_port.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(unread_by_port, counts_data_but_not_the_end_of_a_closed_stream) {
  auto s = host();
  const auto server = add_process(s, 1, "server");
  put(s, on(state::established, 80, "10.0.9.1", 4).of(server).with_queue(1));
  put(s, on(state::established, 80, "10.0.9.2", 2).of(server).with_queue(0));
  put(s, on(state::close_wait, 80, "10.0.9.1", 3).of(server).with_queue(1));
  put(s, on(state::close_wait, 80, "10.0.9.1", 5).of(server).with_queue(200));
  put(s, on(state::close_wait, 80, "10.0.9.1", 50).of_nobody().with_queue(200));
  const auto loads = unread_loads_of(s);
  ASSERT_EQ(loads.size(), 1U) << "what nobody has accepted is no load of a program";
  EXPECT_EQ(loads[0].established, 6U);
  EXPECT_EQ(loads[0].established_unread, 4U);
  EXPECT_EQ(loads[0].close_wait, 8U);
  EXPECT_EQ(loads[0].close_wait_unread, 5U);
  EXPECT_EQ(loads[0].peers, 2U);
}

TEST(unread_by_port, is_a_stall_when_many_and_most_are_unread_from_several) {
  struct row {
    unread_load load;
    bool live;
    bool pasted;
  };
  constexpr std::array rows{
      row{{.established = 40, .established_unread = 20, .close_wait_unread = 30, .peers = 3},
          true,
          true},
      row{{.established = 40, .established_unread = 20, .close_wait_unread = 29, .peers = 3},
          false,
          true},
      row{{.established = 38, .established_unread = 19, .close_wait_unread = 40, .peers = 3},
          false,
          true},
      row{{.established = 41, .established_unread = 20, .close_wait_unread = 40, .peers = 3},
          false,
          false},  // most are read
      row{{.established = 20, .established_unread = 20, .close_wait_unread = 79, .peers = 2},
          false,
          false},
      row{{.established = 20, .established_unread = 20, .close_wait_unread = 80, .peers = 2},
          true,
          true},
      row{{.established = 3, .established_unread = 3, .close_wait_unread = 2, .peers = 3},
          false,
          true},
      row{{.established = 3, .established_unread = 3, .close_wait_unread = 1, .peers = 3},
          false,
          false},
      row{{.established = 2, .established_unread = 2, .close_wait_unread = 9, .peers = 3},
          false,
          false},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(is_stalled(host(), r.load, {}), r.live) << (&r - rows.data());
    EXPECT_EQ(is_stalled(paste(), r.load, {}), r.pasted) << (&r - rows.data());
  }
}

TEST(unread_by_port, is_a_stall_when_a_paste_shows_nothing_but_requests_that_nobody_read) {
  auto s = paste();
  put(s, on(state::close_wait, 7480, "127.0.0.1", 13).with_queue(552));
  EXPECT_TRUE(is_stalled(s, unread_loads_of(s).at(0), {}));
  s.source = source_kind::live;
  EXPECT_FALSE(is_stalled(s, unread_loads_of(s).at(0), {}));

  auto goodbye = paste();
  put(goodbye, on(state::close_wait, 7480, "127.0.0.1", 13).with_queue(32));
  EXPECT_TRUE(unread_loads_of(goodbye).empty()) << "the last record of TLS is no request";
}

TEST(unread_by_port, is_a_stall_where_most_have_stood_for_long_or_were_never_read) {
  struct row {
    std::uint64_t established;
    std::uint64_t unread;
    std::uint64_t never_read;
    std::uint32_t standing_ms;
    bool stalled;
  };
  for (const auto& r : {row{40, 20, 0, 5'000, true},
                        {40, 20, 0, 4'999, false},
                        {41, 20, 0, 60'000, false},
                        {38, 19, 0, 60'000, false},
                        {6, 3, 3, 5'000, true},
                        {6, 3, 3, 4'999, false},
                        {7, 3, 3, 60'000, false},
                        {2, 2, 2, 60'000, false}}) {
    const unread_load load{.established = r.established,
                           .established_unread = r.unread,
                           .peers = 1,
                           .never_read = r.never_read,
                           .standing_ms = r.standing_ms};
    EXPECT_EQ(is_stalled(host(), load, {}), r.stalled) << r.established << ' ' << r.never_read;
  }
}

TEST(unread_by_port, knows_how_long_and_of_what_nothing_was_read) {
  auto s = host();
  put(s, on(state::established, 80, "127.0.0.1", 4).untouched_for(6'000));
  const auto load = unread_loads_of(s).at(0);
  EXPECT_EQ(load.never_read, 4U);
  EXPECT_EQ(load.standing_ms, 6'000U);
}

TEST(unread_by_port, is_no_stall_where_the_accept_queue_is_stuck) {
  unread_load load{.established = 100, .established_unread = 100, .peers = 9};
  load.local.port = 80;
  const std::vector<stuck_port> stuck{{.local = endpoint_of("0.0.0.0", 80)}};
  EXPECT_TRUE(is_stalled(host(), load, {}));
  EXPECT_FALSE(is_stalled(host(), load, stuck));
}

TEST(unread_by_port, heaps_on_each_of_a_few_are_a_stall_in_a_paste) {
  const auto stalled = [](snapshot s, std::uint32_t bytes, std::uint64_t of_last) {
    const auto server = add_process(s, 1, "server");
    put(s, on(state::established, 80, "10.0.9.1", 1).of(server).with_queue(bytes));
    put(s, on(state::established, 80, "10.0.9.2", 1).of(server).with_queue(bytes));
    put(s, on(state::established, 80, "10.0.9.3", of_last).of(server).with_queue(bytes));
    return is_stalled(s, unread_loads_of(s).front(), {});
  };
  EXPECT_TRUE(stalled(paste(), 33'283, 1));
  EXPECT_FALSE(stalled(paste(), 900, 1)) << "a request that has just come";
  EXPECT_FALSE(stalled(host(), 33'283, 1)) << "live, one look";
}

}  // namespace
}  // namespace waitstate::diagnosis
