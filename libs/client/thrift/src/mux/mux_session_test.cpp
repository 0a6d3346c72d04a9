#include "mux/mux_session.h"

#include <chrono>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

std::string frame_of(const mux_message& m) {
  std::string bytes;
  append_mux_message(bytes, m);
  return bytes.substr(4);
}

mux_session make(const mux_session_limits& limits = {}) {
  return {limits, start};
}

TEST(mux_session, gives_each_call_a_tag_until_its_reply_has_come) {
  auto s = make({.outstanding_max = 3});
  EXPECT_EQ(s.dispatch(), 2U);
  EXPECT_EQ(s.dispatch(), 3U);
  EXPECT_EQ(s.dispatch(), 4U);
  EXPECT_FALSE(s.may_dispatch(start)) << "three are outstanding";
  const auto got =
      s.receive(frame_of({.type = mux_type::rdispatch, .tag = 3, .body = "answer"}), start).value();
  EXPECT_EQ(got.reply->tag, 3U);
  EXPECT_EQ(got.reply->body, "answer");
  EXPECT_FALSE(got.is_discarded);
  EXPECT_TRUE(s.may_dispatch(start));
  EXPECT_EQ(s.dispatch(), 3U);
}

TEST(mux_session, keeps_the_tag_of_a_call_that_was_given_up_until_the_server_answers) {
  auto s = make();
  const auto tag = s.dispatch();
  const auto told = s.discard(tag, "late");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->type, mux_type::tdiscarded);
  EXPECT_EQ(told->discarded, tag);
  EXPECT_EQ(told->body, "late");
  EXPECT_FALSE(s.discard(tag, "again"));
  EXPECT_EQ(s.outstanding(), 1U);
  EXPECT_NE(s.dispatch(), tag);
  const auto got = s.receive(frame_of({.type = mux_type::rdiscarded, .tag = tag}), start).value();
  EXPECT_TRUE(got.is_discarded);
  EXPECT_EQ(s.dispatch(), tag);
  EXPECT_FALSE(s.discard(99, "never sent"));
}

TEST(mux_session, puts_a_reply_together_from_its_fragments) {
  auto s = make({.message_max = 20});
  const auto tag = s.dispatch();
  const auto other = s.dispatch();
  auto whole = frame_of({.type = mux_type::rdispatch, .tag = tag, .body = "0123456789"});
  auto part = whole.substr(0, 9);
  part[1] = '\x80';
  EXPECT_FALSE(s.receive(part, start).value().reply);
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::rdispatch, .tag = other}), start)->reply)
      << "others may come between them";
  const auto got = s.receive(whole.substr(0, 4) + whole.substr(9), start).value();
  EXPECT_EQ(got.reply->body, "0123456789");

  const auto endless = s.dispatch();
  auto more = frame_of({.type = mux_type::rdispatch, .tag = endless, .body = "0123456789"});
  more[1] = '\x80';
  EXPECT_TRUE(s.receive(more, start));
  const auto over = s.receive(more, start);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().what, "mux: a reply over the limit of 20 B");
}

TEST(mux_session, drains_with_too_many_calls_given_up_that_the_server_does_not_answer) {
  auto s = make({.outstanding_max = 4});
  EXPECT_TRUE(s.discard(s.dispatch(), "late"));
  EXPECT_TRUE(s.discard(s.dispatch(), "late"));
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::rdiscarded, .tag = 2}), start));
  EXPECT_TRUE(s.discard(s.dispatch(), "late"));
  const auto waiting = s.dispatch();
  EXPECT_TRUE(s.may_dispatch(start)) << "two of four were given up";
  EXPECT_TRUE(s.discard(s.dispatch(), "late"));
  EXPECT_TRUE(s.is_draining());
  EXPECT_FALSE(s.is_over()) << "somebody waits still";
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::rdispatch, .tag = waiting}), start)->reply);
  EXPECT_TRUE(s.is_over());
}

TEST(mux_session, bounds_the_fragments_of_all_replies_together) {
  auto s = make({.message_max = 20});
  const auto fragment = [&s](std::uint32_t tag) {
    auto part = frame_of({.type = mux_type::rdispatch, .tag = tag, .body = "0123456789abcde"});
    part[1] = '\x80';  // 18 B with what is before the body
    return s.receive(part, start);
  };
  std::vector<std::uint32_t> tags;
  for (int i = 0; i < 4; ++i) {
    tags.push_back(s.dispatch());
    EXPECT_TRUE(fragment(tags.back()));
  }
  EXPECT_TRUE(s.discard(tags[0], "late"));
  EXPECT_TRUE(fragment(s.dispatch())) << "nothing is held of what nobody waits for";
  EXPECT_TRUE(
      s.receive(frame_of({.type = mux_type::rdispatch, .tag = tags[1]}).substr(0, 4), start))
      << "nor of what is whole";
  EXPECT_TRUE(fragment(s.dispatch()));
  const auto over = fragment(s.dispatch());
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().what, "mux: fragments of replies over the limit of 80 B");
}

TEST(mux_session, drains_when_the_server_asks_for_it) {
  auto s = make();
  const auto tag = s.dispatch();
  const auto got = s.receive(frame_of({.type = mux_type::tdrain, .tag = 7}), start).value();
  EXPECT_EQ(got.answer, (mux_message{.type = mux_type::rdrain, .tag = 7}));
  EXPECT_FALSE(s.may_dispatch(start));
  EXPECT_FALSE(s.is_over());
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::rdispatch, .tag = tag}), start));
  EXPECT_TRUE(s.is_over());
}

TEST(mux_session, pings_and_is_dead_without_an_answer) {
  auto s = make({.ping_every = 5s, .ping_answer_max = 4s});
  EXPECT_EQ(s.next_tick(), start + 5s);
  EXPECT_FALSE(s.tick(start + 4s).value());
  EXPECT_EQ(s.tick(start + 5s).value(), (mux_message{.type = mux_type::tping, .tag = 1}));
  EXPECT_EQ(s.next_tick(), start + 9s);
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::rping, .tag = 1}), start + 6s));
  EXPECT_EQ(s.next_tick(), start + 10s);
  EXPECT_TRUE(s.tick(start + 10s).value());
  EXPECT_FALSE(s.tick(start + 13s).value());
  const auto dead = s.tick(start + 14s);
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().code, errc::timed_out);
  EXPECT_EQ(dead.error().what, "mux: no answer to a ping for 4 s");
  EXPECT_EQ(make().next_tick(), time_point::max());
}

TEST(mux_session, answers_pings_and_keeps_to_leases) {
  auto s = make();
  EXPECT_EQ(s.receive(frame_of({.type = mux_type::tping, .tag = 9}), start)->answer,
            (mux_message{.type = mux_type::rping, .tag = 9}));
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::tlease, .tag = 0, .lease_ms = 500}), start));
  EXPECT_TRUE(s.may_dispatch(start + 499ms));
  EXPECT_FALSE(s.may_dispatch(start + 500ms));
  EXPECT_TRUE(s.receive(frame_of({.type = mux_type::tlease, .tag = 0, .lease_ms = ~0ULL}), start));
  EXPECT_TRUE(s.may_dispatch(start + 24h));
}

TEST(mux_session, ends_on_what_a_server_cannot_mean) {
  auto s = make();
  const auto why = [&](const mux_message& m) { return s.receive(frame_of(m), start).error().what; };
  EXPECT_EQ(why({.type = mux_type::rdispatch, .tag = 5}),
            "mux: a reply to call 5, which there is not");
  EXPECT_EQ(why({.type = mux_type::tdispatch, .tag = 5}),
            "mux: a message of type 2, which servers do not send");
}

}  // namespace
}  // namespace waitstate::client
