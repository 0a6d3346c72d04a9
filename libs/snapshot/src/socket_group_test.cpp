#include "waitstate/snapshot/socket_group.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

socket_record time_wait(std::uint32_t left_ms) {
  return {.state = tcp::state::time_wait, .timer = socket_timer::time_wait, .timer_ms = left_ms};
}

socket_record close_wait(std::uint32_t last_ack_ms, std::uint32_t last_data_ms) {
  return {
      .state = tcp::state::close_wait, .last_data_ms = last_data_ms, .last_ack_ms = last_ack_ms};
}

TEST(age_of, time_wait_is_exact_and_close_wait_an_interval) {
  EXPECT_EQ(age_of(time_wait(59'000))->lower_ms, 1'000U);
  EXPECT_EQ(age_of(time_wait(59'000))->upper_ms, 1'000U);
  EXPECT_EQ(age_of(time_wait(70'000))->lower_ms, 0U);
  EXPECT_EQ(age_of(close_wait(2'012, 3'012))->lower_ms, 2'012U);
  EXPECT_EQ(age_of(close_wait(2'012, 3'012))->upper_ms, 3'012U);
  EXPECT_FALSE(age_of(socket_record{.state = tcp::state::time_wait}));
  EXPECT_FALSE(age_of(socket_record{.state = tcp::state::close_wait}));
}

TEST(socket_group, counts_the_closes_of_the_last_minute_by_slot) {
  socket_group group;
  for (int i = 0; i < 30; ++i) group.add(time_wait(58'000), true);
  for (int i = 0; i < 60; ++i) group.add(time_wait(100), true);
  EXPECT_EQ(group.closed_in_slot.front(), 30U);
  EXPECT_EQ(group.closed_in_slot.back(), 60U);
  EXPECT_DOUBLE_EQ(group.closes_per_second(), 1.5);
  EXPECT_EQ(group.newest->timer_ms, 58'000U);
  EXPECT_EQ(group.oldest->timer_ms, 100U);
}

TEST(socket_group, tells_the_three_kinds_of_receive_queue_apart) {
  socket_group group;
  for (const std::uint32_t queue : {0U, 1U, 1U, 33U}) {
    auto s = close_wait(61'000, 62'000);
    s.receive_queue = queue;
    group.add(s, false);
  }
  EXPECT_EQ(group.receive_queue_empty, 1U);
  EXPECT_EQ(group.receive_queue_one, 2U);
  EXPECT_EQ(group.receive_queue_more, 1U);
  EXPECT_EQ(group.receive_queue_bytes, 35U);
  EXPECT_EQ(group.fullest->receive_queue, 33U);
  EXPECT_EQ(group.age.over_a_minute(), 4U);
}

TEST(socket_group, a_source_without_queues_or_timers_adds_to_none_of_their_counts) {
  socket_group group;
  group.add({.state = tcp::state::close_wait, .has_queues = false, .count = 7}, false);
  EXPECT_EQ(group.count, 7U);
  EXPECT_EQ(group.with_queues, 0U);
  EXPECT_EQ(group.receive_queue_empty, 0U);
  EXPECT_EQ(group.with_timer_column, 0U);
}

socket_record sending_again(std::uint8_t retransmits, std::uint32_t last_ack_ms) {
  return {.state = tcp::state::established,
          .send_queue = 100,
          .timer = socket_timer::retransmit,
          .retransmits = retransmits,
          .last_data_ms = 9'000,
          .last_ack_ms = last_ack_ms};
}

TEST(socket_group, counts_how_often_a_segment_was_sent_again_while_that_timer_runs) {
  socket_group group;
  for (const unsigned times : {0U, 1U, 2U, 3U, 9U}) {
    group.add(sending_again(static_cast<std::uint8_t>(times), times * 100), false);
  }
  auto probing = sending_again(8, 800);
  probing.timer = socket_timer::keepalive;
  group.add(probing, false);
  EXPECT_EQ(group.sent_again_at_least(0), 5U);
  EXPECT_EQ(group.sent_again_at_least(2), 3U);
  EXPECT_EQ(group.sent_again_at_least(3), 2U);
  EXPECT_EQ(group.sent_again_max, 9U);
  EXPECT_EQ(group.unanswered_bytes, 200U);
  EXPECT_EQ(group.unanswered_for_ms, 900U);
}

TEST(socket_group, unread_bytes_count_as_standing_from_a_second_on) {
  socket_group group;
  for (const std::uint32_t since : {0U, 999U, 1'000U, 8'000U}) {
    group.add({.state = tcp::state::established, .receive_queue = 1, .last_data_ms = since}, false);
  }
  group.add({.state = tcp::state::established, .last_data_ms = 90'000}, false);
  group.add({.state = tcp::state::established, .receive_queue = 1}, false);
  EXPECT_EQ(group.unread_standing, 2U);
  EXPECT_EQ(group.unread_standing_ms, 8'000U);
}

TEST(socket_group, nothing_was_ever_read_where_all_that_came_lies_unread) {
  socket_group group;
  for (const std::uint64_t received : {99U, 100U, 101U}) {
    group.add({.state = tcp::state::established,
               .receive_queue = 100,
               .last_data_ms = 1'000,
               .bytes_received = received},
              false);
  }
  group.add({.receive_queue = 1, .last_data_ms = 1'000, .bytes_received = 1}, false);
  group.add({.receive_queue = 100, .last_data_ms = 999, .bytes_received = 100}, false);
  group.add({.receive_queue = 100, .last_data_ms = 1'000}, false);
  EXPECT_EQ(group.never_read, 1U);
}

TEST(socket_group, tells_the_idle_time_before_the_fin_where_the_fin_alone_is_unread) {
  socket_group group;
  for (const std::uint32_t queue : {1U, 1U, 0U, 2U}) {
    auto s = close_wait(1'000 + queue, 6'000 + 40 * queue);
    s.receive_queue = queue;
    s.data_segments_sent = queue + 1;
    group.add(s, false);
  }
  EXPECT_EQ(group.idle_before_fin, 2U);
  EXPECT_EQ(group.idle_before_fin_min_ms, 5'039U);
  EXPECT_EQ(group.idle_before_fin_max_ms, 5'039U);
  EXPECT_EQ(group.used_again, 1U);
}

TEST(socket_group, merging_two_is_like_adding_their_sockets_to_one) {
  socket_group one;
  socket_group two;
  socket_group both;
  for (std::uint32_t i = 0; i < 20; ++i) {
    auto s = close_wait(i * 10'000, i * 11'000);
    s.receive_queue = i % 3;
    s.flow.local.port = static_cast<std::uint16_t>(40'000 + i);
    s.bind_address_no_port = i % 2 == 0;
    s.timer = socket_timer::retransmit;
    s.retransmits = static_cast<std::uint8_t>(i / 4);
    s.send_queue = i;
    s.data_segments_sent = i;
    s.bytes_received = i % 3;
    (i < 9 ? one : two).add(s, i % 5 == 0);
    both.add(s, i % 5 == 0);
  }
  one.merge(two);
  EXPECT_EQ(one.count, both.count);
  EXPECT_EQ(one.receive_queue_one, both.receive_queue_one);
  EXPECT_EQ(one.receive_queue_bytes, both.receive_queue_bytes);
  EXPECT_EQ(one.sent_again, both.sent_again);
  EXPECT_EQ(one.sent_again_max, both.sent_again_max);
  EXPECT_EQ(one.unanswered_bytes, both.unanswered_bytes);
  EXPECT_EQ(one.unanswered_for_ms, both.unanswered_for_ms);
  EXPECT_EQ(one.unread_standing, both.unread_standing);
  EXPECT_EQ(one.unread_standing_ms, both.unread_standing_ms);
  EXPECT_EQ(one.never_read, both.never_read);
  EXPECT_EQ(one.idle_before_fin, both.idle_before_fin);
  EXPECT_EQ(one.idle_before_fin_min_ms, both.idle_before_fin_min_ms);
  EXPECT_EQ(one.idle_before_fin_max_ms, both.idle_before_fin_max_ms);
  EXPECT_EQ(one.used_again, both.used_again);
  EXPECT_EQ(one.age, both.age);
  EXPECT_EQ(one.age_upper, both.age_upper);
  EXPECT_EQ(one.age_max_ms, both.age_max_ms);
  EXPECT_EQ(one.odd_local_ports, both.odd_local_ports);
  EXPECT_EQ(one.local_ports_in_range, both.local_ports_in_range);
  EXPECT_EQ(one.no_port_option_on, both.no_port_option_on);
  EXPECT_EQ(one.oldest->last_ack_ms, both.oldest->last_ack_ms);
  EXPECT_EQ(one.newest->last_ack_ms, both.newest->last_ack_ms);
}

TEST(group_key, differs_in_every_part) {
  const group_key base{};
  const std::hash<group_key> hash;
  auto other = base;
  other.state = tcp::state::close_wait;
  EXPECT_NE(base, other);
  EXPECT_NE(hash(base), hash(other));
  other = base;
  other.remote.port = 80;
  EXPECT_NE(base, other);
  EXPECT_NE(hash(base), hash(other));
}

TEST(socket_group, a_window_is_shut_for_as_long_as_the_next_probe_is_away) {
  socket_group group;
  socket_record s{.state = tcp::state::established,
                  .send_queue = 100,
                  .timer = socket_timer::persist,
                  .timer_ms = 11'000};
  group.add(s, false);
  s.timer_ms = 2'900;
  group.add(s, false);
  s.timer_ms = 11'000;
  s.send_queue = 0;
  group.add(s, false);
  EXPECT_EQ(group.window_shut, 1U);
  EXPECT_EQ(group.window_shut_ms, 11'000U);
  socket_group both;
  both.merge(group);
  EXPECT_EQ(both.window_shut, 1U);
}

socket_record connecting(std::uint8_t retransmits, std::uint32_t left_ms) {
  return {.state = tcp::state::syn_sent,
          .timer = socket_timer::retransmit,
          .timer_ms = left_ms,
          .retransmits = retransmits};
}

TEST(age_of, a_connect_is_as_old_as_its_repeated_syns_say) {
  struct row {
    std::uint8_t retransmits;
    std::uint32_t left_ms;
    std::uint32_t lower_ms;
    std::uint32_t upper_ms;
  };
  constexpr row rows[] = {{0, 600, 0, 400},          {1, 500, 1'000, 2'500},
                          {3, 1'000, 3'000, 14'000}, {6, 60'000, 6'000, 67'000},
                          {7, 0, 7'000, 247'000},    {3, 60'000, 3'000, 3'000}};
  for (const auto& [retransmits, left, lower, upper] : rows) {
    const auto age = age_of(connecting(retransmits, left));
    ASSERT_TRUE(age) << int{retransmits};
    EXPECT_EQ(age->lower_ms, lower) << int{retransmits};
    EXPECT_EQ(age->upper_ms, upper) << int{retransmits};
  }
  EXPECT_FALSE(age_of({.state = tcp::state::syn_sent, .last_data_ms = 9, .last_ack_ms = 9}));
}

}  // namespace
}  // namespace waitstate
