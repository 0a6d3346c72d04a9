#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(syn_flood, names_the_port_and_the_two_causes) {
  auto s = host();
  put(s, on(state::syn_received, 443, "9.9.9.9", 150).sent_again(3));
  const auto found = syn_flood(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "150 handshakes on port 443 are not completed: the answer was sent up to 4 times");
  EXPECT_TRUE(mentions(found[0], "forged"));
  EXPECT_TRUE(mentions(found[0], "net.ipv4.tcp_syncookies"));
  s.namespaces[0].sysctls["net.ipv4.tcp_syncookies"] = "1";
  EXPECT_FALSE(mentions(syn_flood(s).at(0), "sysctl -w"));
}

struct threshold {
  std::uint64_t waiting;
  std::uint8_t times;
  std::uint64_t established;
  bool told;
};

TEST(syn_flood, is_told_from_twenty_or_from_five_that_outnumber_the_open_ones) {
  for (const auto& t : {threshold{.waiting = 20, .times = 2, .established = 900, .told = true},
                        {.waiting = 19, .times = 2, .established = 900, .told = false},
                        {.waiting = 300, .times = 1, .established = 0, .told = false},
                        {.waiting = 5, .times = 2, .established = 4, .told = true},
                        {.waiting = 5, .times = 2, .established = 5, .told = false},
                        {.waiting = 4, .times = 2, .established = 0, .told = false}}) {
    auto s = host();
    put(s, on(state::syn_received, 443, "9.9.9.9", t.waiting).sent_again(t.times));
    if (t.established > 0) put(s, on(state::established, 443, "9.9.9.8", t.established));
    EXPECT_EQ(!syn_flood(s).empty(), t.told) << t.waiting << " beside " << t.established;
  }
}

TEST(syn_flood, in_a_paste_is_told_from_five_that_outnumber_the_open_ones) {
  for (const auto& t : {threshold{.waiting = 5, .times = 0, .established = 4, .told = true},
                        {.waiting = 5, .times = 0, .established = 5, .told = false},
                        {.waiting = 4, .times = 0, .established = 0, .told = false},
                        {.waiting = 300, .times = 0, .established = 900, .told = false}}) {
    auto s = paste(os_family::linux_kernel);
    put(s, on(state::syn_received, 443, "9.9.9.9", t.waiting));
    if (t.established > 0) put(s, on(state::established, 443, "9.9.9.8", t.established));
    const auto found = syn_flood(s);
    ASSERT_EQ(!found.empty(), t.told) << t.waiting << " beside " << t.established;
    if (t.told) EXPECT_EQ(found[0].title, "5 handshakes on port 443 are not completed");
  }
}

TEST(syn_flood, is_quiet_where_the_program_does_not_accept) {
  auto s = host();
  put_listener(s, "0.0.0.0", 443, 129, 128);
  put(s, on(state::syn_received, 443, "9.9.9.9", 150).sent_again(3));
  EXPECT_TRUE(syn_flood(s).empty());
}

TEST(syn_flood, is_told_from_counts_without_a_port) {
  for (const auto& t : {threshold{.waiting = 100, .times = 0, .established = 99, .told = true},
                        {.waiting = 100, .times = 0, .established = 100, .told = false},
                        {.waiting = 99, .times = 0, .established = 0, .told = false}}) {
    auto s = paste();
    put(s, counts(state::syn_received, t.waiting));
    if (t.established > 0) put(s, counts(state::established, t.established));
    const auto found = syn_flood(s);
    ASSERT_EQ(!found.empty(), t.told) << t.waiting << " beside " << t.established;
    if (!t.told) continue;
    EXPECT_EQ(found[0].title, "100 handshakes are not completed");
    EXPECT_FALSE(mentions(found[0], "port 0"));
  }
}

TEST(syn_flood, is_told_from_counts_by_address) {
  auto s = paste();
  for (const auto* peer : {"203.0.113.9", "198.51.100.2", "192.0.2.77"}) {
    auto counted = to(state::syn_received, peer, 0, 400);
    counted.group.key.direction = direction::unknown;
    put(s, counted);
  }
  const auto found = syn_flood(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "1,200 handshakes are not completed");
}

TEST(syn_flood, is_told_from_cookies_that_brought_nobody_back) {
  const auto found = [](std::uint64_t sent, std::uint64_t back, std::uint64_t accepted) {
    auto s = paste();
    s.namespaces[0].counters = {{"TcpExt.SyncookiesSent", sent},
                                {"TcpExt.SyncookiesRecv", back},
                                {"Tcp.PassiveOpens", accepted}};
    return syn_flood(s).size();
  };
  EXPECT_EQ(found(881'223, 120'122, 900'000), 1U);
  EXPECT_EQ(found(881'223, 500'000, 900'000), 0U) << "a burst of clients that are real";
  EXPECT_EQ(found(881'223, 120'122, 90'000'000), 0U) << "a hundredth of all";
  EXPECT_EQ(found(9'999, 0, 0), 0U);
}

}  // namespace
}  // namespace waitstate::diagnosis
