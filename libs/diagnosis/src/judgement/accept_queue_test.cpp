#include "judgement/accept_queue.h"

#include <array>

#include <tuple>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(accept_queue, of_a_live_listener_is_stuck_at_its_backlog) {
  struct row {
    std::uint64_t queue;
    std::uint64_t backlog;
    bool expected;
  };
  constexpr std::array rows{row{127, 128, false}, row{128, 128, true}, row{129, 128, true},
                            row{1, 1, false},     row{2, 1, true},     row{4'000, 0, false},
                            row{0, 0, false}};
  for (const auto& r : rows) {
    auto s = host();
    const auto& l = put_listener(s, "0.0.0.0", 80, r.queue, r.backlog);
    EXPECT_EQ(has_stuck_queue(s, l), r.expected) << r.queue << " of " << r.backlog;
  }
}

TEST(accept_queue, among_other_rows_of_a_paste_is_stuck_when_half_full_or_long) {
  struct row {
    std::uint64_t queue;
    std::uint64_t backlog;
    bool expected;
  };
  constexpr std::array rows{row{63, 128, false}, row{64, 128, true}, row{31, 0, false},
                            row{32, 0, true},    row{50, 0, true},   row{0, 128, false}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, counts(state::established, 100));
    const auto& l = put_listener(s, "0.0.0.0", 80, r.queue, r.backlog);
    EXPECT_EQ(has_stuck_queue(s, l), r.expected) << r.queue << " of " << r.backlog;
  }
}

TEST(accept_queue,
     of_a_few_listeners_without_backlogs_that_somebody_picked_is_stuck_with_anything_in_it) {
  for (const std::uint64_t others : {2U, 3U}) {
    auto s = paste();
    put_listener(s, "0.0.0.0", 80, 1, 0);
    for (std::uint64_t i = 0; i < others; ++i) {
      put_listener(s, "0.0.0.0", static_cast<std::uint16_t>(81 + i), 0, 128);
    }
    EXPECT_EQ(has_stuck_queue(s, s.listeners.front()), others < 3) << others;
  }
  for (const std::uint64_t connections : {1U, 2U}) {
    auto s = paste();
    const auto& l = put_listener(s, "0.0.0.0", 80, 1, 0);
    put(s, counts(state::established, connections));
    EXPECT_EQ(has_stuck_queue(s, l), connections < 2) << connections;
  }
}

TEST(accept_queue, below_half_of_a_known_backlog_is_what_a_burst_leaves_even_alone) {
  for (const auto& [queue, backlog, stuck] :
       {std::tuple{1U, 511U, false}, std::tuple{63U, 128U, false}, std::tuple{64U, 128U, true}}) {
    auto s = paste();
    EXPECT_EQ(has_stuck_queue(s, put_listener(s, "0.0.0.0", 80, queue, backlog)), stuck) << queue;
  }
}

TEST(accept_queue, live_ten_that_gave_up_or_an_old_one_are_a_stuck_port) {
  struct row {
    std::uint64_t count;
    std::uint32_t age_ms;
    std::size_t expected;
  };
  constexpr std::array rows{row{9, 1'000, 0}, row{10, 1'000, 1}, row{1, 59'999, 0},
                            row{1, 60'001, 1}};
  for (const auto& r : rows) {
    auto s = host();
    put(s, on(state::close_wait, 80, "10.0.0.9", r.count).of_nobody().aged(r.age_ms));
    EXPECT_EQ(stuck_ports_of(s).size(), r.expected) << r.count << " for " << r.age_ms;
  }
}

TEST(accept_queue, that_is_shown_empty_holds_none_that_gave_up) {
  auto s = host();
  put(s, on(state::close_wait, 80, "10.0.0.9", 50).of_nobody().aged(90'000));
  ASSERT_EQ(stuck_ports_of(s).size(), 1U);
  put_listener(s, "0.0.0.0", 80, 0, 128);
  EXPECT_TRUE(stuck_ports_of(s).empty());
}

TEST(accept_queue, in_a_paste_a_few_beside_a_pile_that_a_program_holds_are_no_stuck_port) {
  for (const auto& [nobodys, held, stuck] :
       {std::tuple{2U, 3U, false}, std::tuple{2U, 2U, true}, std::tuple{9U, 90U, false},
        std::tuple{10U, 90U, true}}) {
    auto s = paste();
    put(s, on(state::close_wait, 7672, "10.0.0.8", held).of(add_process(s, 7, "java")));
    put(s, on(state::close_wait, 80, "10.0.0.9", nobodys).of_nobody());
    EXPECT_EQ(!stuck_ports_of(s).empty(), stuck) << nobodys << " of " << held;
  }
}

TEST(accept_queue, in_a_paste_one_that_gave_up_is_enough_where_owners_are_shown) {
  auto s = paste();
  put(s, on(state::close_wait, 80, "10.0.0.9", 1));
  EXPECT_TRUE(stuck_ports_of(s).empty()) << "nobody's, for no owner is shown";
  put(s, on(state::close_wait, 80, "10.0.0.8", 1).of_nobody());
  ASSERT_EQ(stuck_ports_of(s).size(), 1U);
  EXPECT_TRUE(contains(stuck_ports_of(s), 0, 80));
  EXPECT_FALSE(contains(stuck_ports_of(s), 0, 81));
  EXPECT_FALSE(contains(stuck_ports_of(s), 1, 80));
}

TEST(accept_queue, the_longest_comes_first_and_all_are_added_up) {
  auto s = host();
  put_listener(s, "0.0.0.0", 80, 128, 128);
  put_listener(s, "0.0.0.0", 81, 500, 500);
  const auto stuck = stuck_ports_of(s);
  ASSERT_EQ(stuck.size(), 2U);
  EXPECT_EQ(stuck.front().local.port, 81);
  EXPECT_EQ(waiting_on(stuck), 628U);
}

TEST(accept_queue, requests_behind_handshakes_that_hang_were_not_accepted) {
  const auto stuck = [](std::uint64_t unread, bool has_handshakes) {
    auto s = paste();
    put(s, on(state::close_wait, 5'000, "10.0.0.9", 12).with_queue(unread));
    if (has_handshakes) put(s, on(state::syn_received, 5'000, "10.0.0.9", 1));
    return stuck_ports_of(s).size();
  };
  EXPECT_EQ(stuck(257, true), 1U);
  EXPECT_EQ(stuck(257, false), 0U);
  EXPECT_EQ(stuck(64, true), 0U);
}

TEST(accept_queue, of_thousands_that_refuses_more_than_it_holds_stands) {
  const auto stands = [](std::uint64_t queued, std::uint64_t refused) {
    auto s = paste(os_family::freebsd);
    s.messages.push_back(said(message_kind::listen_overflow, "Listen queue overflow"));
    s.messages.back().queued = queued;
    s.messages.back().count = refused;
    return queue_said_to_stand(s) != nullptr;
  };
  EXPECT_TRUE(stands(6'145, 7'807));
  EXPECT_FALSE(stands(6'145, 6'145));
  EXPECT_TRUE(stands(1'000, 1'001));
  EXPECT_FALSE(stands(999, 100'000));
}

}  // namespace
}  // namespace waitstate::diagnosis
