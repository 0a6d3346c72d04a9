#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(unacknowledged_data, names_owner_destination_bytes_and_when_the_kernel_gives_up) {
  auto s = host();
  s.namespaces[0].sysctls["net.ipv4.tcp_retries2"] = "8";
  const auto app = add_process(s, 4, "app");
  put(s, to(state::established, "10.0.0.9", 5432, 50).of(app).sent_again(5));
  s.groups[0].unanswered_for_ms = 9'000;
  const auto found = unacknowledged_data(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "app (pid 4): 50 connections to 10.0.0.9:5432 get no answer: 4.9 KiB unacknowledged, "
            "sent again up to 5 times");
  EXPECT_EQ(found[0].subject.pid, 4);
  EXPECT_TRUE(mentions(found[0], "for 9 s"));
  EXPECT_TRUE(mentions(found[0], "1 min 42 s after the first loss (tcp_retries2 8)"))
      << found[0].forecast;
  EXPECT_TRUE(mentions(found[0], "host 10.0.0.9 and port 5432"));
}

TEST(unacknowledged_data, closed_sockets_that_are_not_acknowledged_are_info) {
  auto s = host();
  put(s, to(state::last_ack, "10.0.0.9", 80, 60).of_nobody().sent_again(4));
  put(s, to(state::fin_wait_1, "10.0.0.9", 80, 20).of_nobody().sent_again(4));
  const auto found = unacknowledged_data(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::info);
  EXPECT_EQ(
      found[0].title,
      "the end of 80 connections to 10.0.0.9:80 is not acknowledged: sent again up to 4 times");
}

struct threshold {
  bool outbound;
  std::uint64_t silent;
  std::uint8_t times;
  std::uint64_t others;
  bool told;
};

TEST(unacknowledged_data, is_told_from_half_of_a_destination_or_five_on) {
  for (const auto& t :
       {threshold{.outbound = true, .silent = 1, .times = 3, .others = 1, .told = true},
        {.outbound = true, .silent = 1, .times = 3, .others = 2, .told = false},
        {.outbound = true, .silent = 1, .times = 2, .others = 0, .told = false},
        {.outbound = true, .silent = 4, .times = 3, .others = 900, .told = false},
        {.outbound = true, .silent = 5, .times = 3, .others = 900, .told = true},
        {.outbound = false, .silent = 4, .times = 9, .others = 0, .told = false},
        {.outbound = false, .silent = 5, .times = 9, .others = 15, .told = true},
        {.outbound = false, .silent = 5, .times = 9, .others = 16, .told = false}}) {
    auto s = host();
    const auto put_one = [&](std::uint64_t count, std::uint8_t times) {
      const auto made = t.outbound ? to(state::established, "10.0.0.9", 80, count)
                                   : on(state::established, 80, "9.9.9.9", count);
      put(s, made.sent_again(times));
    };
    put_one(t.silent, t.times);
    if (t.others > 0) put_one(t.others, 0);
    EXPECT_EQ(!unacknowledged_data(s).empty(), t.told)
        << (t.outbound ? "to " : "on ") << t.silent << " beside " << t.others;
  }
}

TEST(unacknowledged_data, is_told_by_the_share_of_segments_that_were_sent_again) {
  struct row {
    std::uint64_t again;
    std::uint64_t out;
    std::uint64_t handshakes;
    bool told;
  };
  constexpr row rows[] = {
      {5'000, 100'000, 0, true},       {4'999, 100'000, 0, false},
      {999, 10'000, 0, false},         {4'446'484, 1'424'047'510, 3'335'473, false},
      {50'000, 900'000, 6'000, false}, {50'000, 900'000, 5'000, true},
  };
  for (const auto& [again, out, handshakes, told] : rows) {
    auto s = paste(os_family::linux_kernel);
    s.namespaces[0].counters = {
        {"Tcp.RetransSegs", again}, {"Tcp.OutSegs", out}, {"TcpExt.TCPSynRetrans", handshakes}};
    const auto found = unacknowledged_data(s);
    EXPECT_EQ(!found.empty(), told) << again << " of " << out;
    s.source = source_kind::live;
    EXPECT_TRUE(unacknowledged_data(s).empty()) << "since boot it may be long ago";
  }
}

TEST(unacknowledged_data, is_told_of_a_live_host_by_two_looks) {
  for (const auto& [again, told] : {std::pair{10.0, true}, {9.9, false}}) {
    auto s = host();
    s.namespaces[0].counter_rates = {{"Tcp.RetransSegs", again}, {"Tcp.OutSegs", 100.0}};
    EXPECT_EQ(!unacknowledged_data(s).empty(), told) << again;
  }
}

TEST(unacknowledged_data, bytes_to_send_on_nearly_all_connections_to_one_place) {
  auto s = paste();
  auto made = to(tcp::state::established, "10.0.0.9", 9092, 12);
  made.group.with_queues = made.group.send_queue_filled = 12;
  made.group.send_queue_bytes = 24'000;
  put(s, made);
  const auto found = unacknowledged_data(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certainty.confidence, confidence::possible);
  EXPECT_TRUE(mentions(found[0], "12 open connections to 10.0.0.9:9092"));
}

TEST(unacknowledged_data, counters_that_began_anew_have_no_ratio) {
  auto s = paste();
  auto& counters = s.namespaces[0].counters;
  counters["Tcp.RetransSegs"] = 191'055'808;
  counters["Tcp.OutSegs"] = 2'816'244'857;
  EXPECT_EQ(unacknowledged_data(s).size(), 1U);
  counters["Tcp.ActiveOpens"] = 3'764'018'530;
  EXPECT_TRUE(unacknowledged_data(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
