#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(stale_pooled_connections, beside_open_ones_are_info) {
  auto s = host();
  const auto python = add_process(s, 7, "python3", runtime::python);
  put(s, to(state::close_wait, "10.0.0.7", 443, 4).of(python).with_queue(1).aged(90'000));
  put(s, to(state::established, "10.0.0.7", 443, 9).of(python));
  const auto found = stale_pooled_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::info);
  EXPECT_EQ(found[0].title,
            "python3 (pid 7) keeps 4 connections to 10.0.0.7:443 that the peer closed while idle");
  EXPECT_TRUE(mentions(found[0], "keepalive_expiry"));
  EXPECT_TRUE(leaked_connections(s).empty());
}

TEST(stale_pooled_connections, a_pool_at_rest_says_when_the_server_closes) {
  auto s = host();
  const auto python = add_process(s, 7, "python3", runtime::python);
  put(s, to(state::close_wait, "10.0.0.7", 443, 50)
             .of(python)
             .idle_before_fin(5'002, 5'040)
             .aged(3'000)
             .newest(2'900));
  const auto found = stale_pooled_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::info);
  EXPECT_EQ(found[0].title,
            "python3 (pid 7) keeps 50 connections to 10.0.0.7:443 that the peer closed after 5.0 s "
            "idle");
  EXPECT_TRUE(leaked_connections(s).empty());
}

TEST(stale_pooled_connections, unused_for_ten_minutes_are_a_warning) {
  for (const auto& [age_ms, level] :
       {std::pair{599'999U, severity::info}, {600'000U, severity::warning}}) {
    auto s = host();
    put(s, to(state::close_wait, "10.0.0.7", 443, 50)
               .of(add_process(s, 7, "python3"))
               .idle_before_fin(60'000, 60'500)
               .aged(age_ms)
               .newest(age_ms));
    EXPECT_EQ(stale_pooled_connections(s).at(0).severity, level) << age_ms;
  }
}

TEST(stale_pooled_connections, just_closed_ones_are_nothing) {
  auto s = host();
  const auto python = add_process(s, 7, "python3");
  put(s, to(state::close_wait, "10.0.0.7", 443, 4).of(python).with_queue(1).aged(500));
  EXPECT_TRUE(stale_pooled_connections(s).empty());
}

TEST(stale_pooled_connections,
     a_few_rows_to_one_web_service_that_are_all_of_a_paste_are_a_warning) {
  auto s = paste(os_family::macos);
  const auto python = add_process(s, 79422, "python3.1", runtime::python);
  put(s, to(state::close_wait, "54.0.0.1", 443, 3).of(python));
  const auto found = stale_pooled_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].subject.pid, 79422);
  EXPECT_TRUE(leaked_connections(s).empty());
}

TEST(stale_pooled_connections, are_told_by_the_pool_itself) {
  auto s = paste(os_family::linux_kernel);
  s.messages.push_back(said(message_kind::stale_connection, "Failed to validate connection"));
  const auto found = stale_pooled_connections(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_TRUE(mentions(found[0], "Failed to validate connection"));
}

TEST(stale_pooled_connections, goodbyes_of_tls_in_a_whole_table_are_a_browsers_leftovers) {
  struct row {
    std::uint64_t unread;
    bool whole_table;
    bool is_told;
  };
  constexpr row rows[] = {{32, true, true},
                          {38, true, true},
                          {32, false, false},
                          {33, true, false},
                          {200, true, false}};
  for (const auto& [unread, whole_table, is_told] : rows) {
    auto s = paste();
    const auto owner = add_process(s, 7, "client");
    put(s, to(tcp::state::close_wait, "10.0.0.7", 443, 2).of(owner).with_queue(unread));
    put(s, to(tcp::state::close_wait, "10.0.0.8", 443, 1).of(owner).with_queue(unread));
    if (whole_table) put(s, to(tcp::state::established, "10.0.0.9", 443, 2));
    const auto found = stale_pooled_connections(s);
    ASSERT_EQ(found.size(), is_told ? 1U : 0U) << unread << whole_table;
    if (is_told) EXPECT_EQ(found[0].severity, severity::info);
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
