#include "facts/totals.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(totals_reader, reads_sockstat_and_adds_ipv6_up) {
  totals_reader r;
  for (const std::string_view line :
       {"sockets: used 3837", "TCP: inuse 28 orphan 1 tw 3 alloc 41 mem 2", "UDP: inuse 36 mem 20",
        "FRAG: inuse 0 memory 0", "TCP6: inuse 5"}) {
    EXPECT_TRUE(r.read(line)) << line;
  }
  const auto t = r.totals();
  EXPECT_EQ(t.in_use, 33U);
  EXPECT_EQ(t.orphan, 1U);
  EXPECT_EQ(t.time_wait, 3U);
  EXPECT_EQ(t.allocated, 41U);
  EXPECT_EQ(t.memory_pages, 2U);
  EXPECT_EQ(t.established, std::nullopt);
}

TEST(totals_reader, reads_the_summary_of_ss_old_and_new) {
  totals_reader r;
  for (const std::string_view line :
       {"Total: 3130 (kernel 3431)",
        "TCP:   51582 (estab 2866, closed 48611, orphaned 92, synrecv 1, timewait 48611/0), ports "
        "35279",
        "Transport Total     IP        IPv6", "*         3431      -         -",
        "TCP       2971      2900      71"}) {
    EXPECT_TRUE(r.read(line)) << line;
  }
  const auto t = r.totals();
  EXPECT_EQ(t.established, 2866U);
  EXPECT_EQ(t.closed, 48611U);
  EXPECT_EQ(t.orphan, 92U);
  EXPECT_EQ(t.syn_received, 1U);
  EXPECT_EQ(t.time_wait, 48611U);
  EXPECT_EQ(t.in_use, 2971U);
  EXPECT_EQ(t.local_ports, 35279U);

  totals_reader now;
  EXPECT_TRUE(now.read("TCP:   4 (estab 1, closed 2, orphaned 0, timewait 2)"));
  EXPECT_EQ(now.totals().time_wait, 2U);
  EXPECT_EQ(now.totals().syn_received, std::nullopt);
  EXPECT_EQ(now.totals().local_ports, std::nullopt);
}

TEST(totals_reader, leaves_other_lines_alone) {
  totals_reader r;
  for (const std::string_view line :
       {"TCP: too many orphaned sockets", "TCP 1 2 3", "", "Total: it was bad"}) {
    EXPECT_FALSE(r.read(line)) << line;
  }
}

TEST(totals, are_read_from_what_sar_prints) {
  totals_reader totals;
  EXPECT_FALSE(totals.read("10:12:02 AM       812       401        11         0         0     9"));
  EXPECT_TRUE(
      totals.read("10:12:01 AM    totsck    tcpsck    udpsck    rawsck   ip-frag    tcp-tw"));
  EXPECT_TRUE(
      totals.read("10:12:02 AM       812       401        11         0         0     31022"));
  EXPECT_TRUE(
      totals.read("10:12:04 AM       815       402        11         0         0     31101"));
  EXPECT_TRUE(
      totals.read("Average:          813       399        11         0         0     31070"));
  EXPECT_FALSE(totals.read("10:12:04 AM  all  0.5  0.1  0.0  0.0  99"));
  EXPECT_EQ(totals.totals().time_wait, 31101U);
  EXPECT_EQ(totals.totals().in_use, 402U);
  EXPECT_TRUE(totals.saw_sockstat());
}

}  // namespace
}  // namespace waitstate::paste
