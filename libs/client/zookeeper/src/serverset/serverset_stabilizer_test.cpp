#include "serverset/serverset_stabilizer.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

const time_point start{1h};

class serverset_stabilizer_test : public testing::Test {
 protected:
  void sees(const std::string& hosts, duration at) {
    std::vector<weighted_endpoint> seen;
    for (const char host : hosts) seen.push_back({.at = {std::string(1, host), 1}});
    set_.on_set(seen, start + at);
    set_.advance(start + at);
  }
  void is_unwell(duration at) {
    set_.on_trouble({.code = errc::unavailable, .what = "no server", .hint = {}}, start + at);
    set_.advance(start + at);
  }
  std::string at(duration when) {
    set_.advance(start + when);
    std::string hosts;
    for (const auto& entry : set_.endpoints()) hosts += entry.at.host;
    return hosts;
  }
  duration due() { return set_.next_due() - start; }

  serverset_stabilizer set_{{.epoch = 10s, .unhealthy_max = 5min}};
};

TEST_F(serverset_stabilizer_test, knows_nothing_until_the_first_set_which_may_be_empty) {
  EXPECT_FALSE(set_.is_known());
  sees("", 0s);
  EXPECT_TRUE(set_.is_known());
  EXPECT_EQ(at(0s), "");
  EXPECT_EQ(set_.next_due(), time_point::max());
}

TEST_F(serverset_stabilizer_test, adds_at_once_and_removes_after_an_epoch) {
  sees("ab", 0s);
  sees("bc", 1s);
  EXPECT_EQ(at(1s), "abc");
  EXPECT_EQ(due(), 11s);
  EXPECT_EQ(at(10s), "abc");
  EXPECT_EQ(at(11s), "bc");
  EXPECT_EQ(set_.next_due(), time_point::max());
}

TEST_F(serverset_stabilizer_test, a_new_weight_counts_at_once) {
  sees("a", 0s);
  set_.on_set({{.at = {"a", 1}, .weight = 3}}, start + 1s);
  EXPECT_EQ(set_.endpoints().front().weight, 3);
}

TEST_F(serverset_stabilizer_test, what_comes_back_within_the_epoch_was_never_gone) {
  sees("ab", 0s);
  sees("a", 1s);
  sees("ab", 9s);
  EXPECT_EQ(at(11s), "ab");
  sees("a", 12s);
  EXPECT_EQ(at(21s), "ab") << "the epoch begins anew";
  EXPECT_EQ(at(22s), "a");
}

TEST_F(serverset_stabilizer_test, removes_at_most_once_in_two_epochs) {
  sees("abcd", 0s);
  sees("bcd", 0s);
  EXPECT_EQ(at(10s), "bcd");
  sees("cd", 11s);
  sees("d", 13s);
  EXPECT_EQ(due(), 30s);
  EXPECT_EQ(at(29s), "bcd");
  EXPECT_EQ(at(30s), "d") << "those that are due go together";
}

TEST_F(serverset_stabilizer_test, removes_nothing_while_unwell_and_waits_an_epoch_after) {
  sees("ab", 0s);
  sees("", 1s);
  is_unwell(5s);
  EXPECT_EQ(at(60s), "ab");
  sees("", 61s);
  EXPECT_EQ(at(70s), "ab");
  EXPECT_EQ(at(71s), "");
}

TEST_F(serverset_stabilizer_test, is_stale_after_five_minutes_and_keeps_the_last_good_set) {
  sees("ab", 0s);
  is_unwell(10s);
  is_unwell(200s);
  EXPECT_EQ(due(), 310s);
  EXPECT_EQ(at(309s), "ab");
  EXPECT_FALSE(set_.is_stale());
  EXPECT_EQ(set_.trouble()->what, "no server");
  EXPECT_EQ(at(310s), "ab");
  EXPECT_TRUE(set_.is_stale());
  EXPECT_EQ(set_.next_due(), time_point::max());
  sees("ab", 400s);
  EXPECT_FALSE(set_.is_stale());
  EXPECT_FALSE(set_.trouble());
}

}  // namespace
}  // namespace waitstate::client
