#include "flow.h"

#include <gtest/gtest.h>

namespace waitstate::capture {
namespace {

using namespace std::chrono_literals;
using tcp::state;

/// A connection of two ends, made by saying what each sends.
struct talk {
  tcp::endpoint a{.address = tcp::address::v4({10, 0, 0, 1}), .port = 40'000};
  tcp::endpoint b{.address = tcp::address::v4({10, 0, 0, 7}), .port = 80};
  flow seen{a, b};
  std::uint32_t next_a = 100;
  std::uint32_t next_b = 500;
  moment now = 1s;

  void send(bool from_a, packet p) {
    auto& mine = from_a ? next_a : next_b;
    p.from = from_a ? a : b;
    p.to = from_a ? b : a;
    p.sequence = mine;
    p.acknowledged = from_a ? next_b : next_a;
    mine += p.payload + (p.syn || p.fin ? 1 : 0);
    now += 1ms;
    seen.add(p, now);
  }
  talk& handshake() {
    send(true, {.syn = true});
    send(false, {.syn = true, .ack = true});
    send(true, {.ack = true});
    return *this;
  }
};

TEST(flow, the_end_that_closed_first_waits) {
  talk t;
  t.handshake();
  EXPECT_EQ(t.seen.opener(), 0U);
  EXPECT_EQ(t.seen.state_of(0), state::established);
  t.send(true, {.ack = true, .fin = true});
  EXPECT_EQ(t.seen.closer(), 0U);
  EXPECT_EQ(t.seen.state_of(0), state::fin_wait_1);
  EXPECT_EQ(t.seen.state_of(1), state::close_wait);
  t.send(false, {.ack = true});
  EXPECT_EQ(t.seen.state_of(0), state::fin_wait_2);
  EXPECT_EQ(t.seen.half_closed_by(), 0U);
  t.send(false, {.ack = true, .fin = true});
  EXPECT_EQ(t.seen.state_of(0), state::time_wait);
  EXPECT_EQ(t.seen.state_of(1), state::last_ack);
  t.send(true, {.ack = true});
  EXPECT_EQ(t.seen.state_of(1), std::nullopt);
  EXPECT_FALSE(t.seen.half_closed_by());
}

TEST(flow, a_syn_without_an_answer_was_sent_again) {
  talk t;
  for (const auto pause : {0ms, 1'000ms, 2'000ms}) {
    t.now += pause;
    t.next_a = 100;
    t.send(true, {.syn = true});
  }
  EXPECT_TRUE(t.seen.is_unanswered());
  EXPECT_EQ(t.seen.state_of(0), state::syn_sent);
  EXPECT_EQ(t.seen.state_of(1), std::nullopt);
  EXPECT_EQ(t.seen.sent_again(0), 2);
  t.send(false, {.ack = true, .rst = true});
  EXPECT_TRUE(t.seen.is_refused());
  EXPECT_EQ(t.seen.state_of(0), std::nullopt);
}

TEST(flow, a_reset_after_data_that_was_not_answered_is_one_with_data_unread) {
  talk t;
  t.handshake();
  t.send(true, {.payload = 100, .ack = true});
  t.send(false, {.ack = true});
  t.send(false, {.ack = true, .rst = true});
  EXPECT_EQ(t.seen.closer(), 1U);
  EXPECT_TRUE(t.seen.is_reset());
  EXPECT_TRUE(t.seen.is_reset_unread());

  talk answered;
  answered.handshake();
  answered.send(true, {.payload = 100, .ack = true});
  answered.send(false, {.payload = 100, .ack = true});
  answered.send(false, {.ack = true, .rst = true});
  EXPECT_FALSE(answered.seen.is_reset_unread());
}

TEST(flow, data_that_nobody_acknowledges_was_sent_again) {
  talk t;
  t.handshake();
  t.send(true, {.payload = 100, .ack = true});
  t.seen.add({.from = t.a, .to = t.b, .sequence = 101, .payload = 100, .ack = true}, t.now + 1ms);
  EXPECT_EQ(t.seen.sent_again(0), 0);  // a copy that the capture holds twice
  for (const auto later : {200ms, 600ms, 1'400ms}) {
    t.seen.add({.from = t.a, .to = t.b, .sequence = 101, .payload = 100, .ack = true},
               t.now + later);
  }
  EXPECT_EQ(t.seen.sent_again(0), 3);
  EXPECT_EQ(t.seen.unacknowledged(0), 100U);
  t.send(false, {.ack = true});
  EXPECT_EQ(t.seen.sent_again(0), 0);
}

TEST(flow, another_syn_begins_it_anew) {
  talk t;
  t.handshake();
  packet p{.from = t.a, .to = t.b, .sequence = 100, .syn = true};
  EXPECT_FALSE(t.seen.is_begun_anew_by(p));  // sent again
  p.sequence = 9'000;
  EXPECT_TRUE(t.seen.is_begun_anew_by(p));
}

}  // namespace
}  // namespace waitstate::capture
