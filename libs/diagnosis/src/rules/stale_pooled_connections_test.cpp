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

}  // namespace
}  // namespace waitstate::diagnosis
