#include "words/close_wait_text.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;
using testing::HasSubstr;
using testing::StartsWith;

TEST(close_wait_text, says_what_most_receive_queues_mean) {
  struct row {
    std::uint64_t queue;
    const char* words;
  };
  constexpr std::array rows{row{0, "Recv-Q 0 means"}, row{1, "Recv-Q 1 is the peer's FIN alone"},
                            row{64, "Recv-Q over 1 is unread data"},
                            row{65, "Recv-Q over 1 is a response"}};
  for (const auto& r : rows) {
    const auto g = to(state::close_wait, "10.0.0.7", 443, 10).with_queue(r.queue).group;
    EXPECT_THAT(queue_meaning(host(), g), StartsWith(r.words)) << r.queue;
    EXPECT_EQ(queue_meaning(paste(os_family::macos), g), "") << "only Linux counts the FIN";
  }
  EXPECT_EQ(queue_meaning(host(), counts(state::close_wait, 10).group), "");
}

TEST(close_wait_text, goes_by_half_of_the_queues) {
  auto g = to(state::close_wait, "10.0.0.7", 443, 10).with_queue(1).group;
  g.receive_queue_one = 5;
  g.receive_queue_empty = 5;
  EXPECT_THAT(queue_meaning(host(), g), StartsWith("Recv-Q 1"));
  g.receive_queue_one = 4;
  g.receive_queue_empty = 6;
  EXPECT_THAT(queue_meaning(host(), g), StartsWith("Recv-Q 0"));
}

TEST(close_wait_text, counts_open_ones_only_where_any_are_shown) {
  pile p;
  p.close_wait.count = 7;
  EXPECT_EQ(count_evidence(paste(), p, "to x").value, "7");
  EXPECT_EQ(count_evidence(host(), p, "to x").value, "7, none ESTABLISHED");
  p.established.count = 3;
  auto s = paste();
  s.namespaces[0].states.add(state::established, 1);
  EXPECT_EQ(count_evidence(s, p, "").value, "7, 3 ESTABLISHED");
}

TEST(close_wait_text, forecasts_only_what_grows) {
  auto s = host();
  s.interval = std::chrono::seconds(10);
  const auto owner = add_process(s, 1, "client");
  s.processes[0].fd_count = 900;
  s.processes[0].fd_limit = 1'000;
  pile p{.owner = owner, .close_wait = to(state::close_wait, "10.0.0.7", 443, 10).group};
  EXPECT_THAT(close_wait_forecast(s, p), HasSubstr("no time-out"));
  p.close_wait.growth_per_second = 2;
  EXPECT_THAT(close_wait_forecast(s, p), HasSubstr("100 descriptors are left"));
}

TEST(close_wait_text, names_what_is_known_of_an_endpoint) {
  EXPECT_EQ(known_text(host(), {}), "");
  EXPECT_EQ(known_text(host(), {.address = {}, .port = 80}), "port 80");
  EXPECT_EQ(known_text(host(), endpoint_of("10.0.0.7", 0)), "10.0.0.7");
  EXPECT_EQ(known_text(host(), endpoint_of("10.0.0.7", 80)), "10.0.0.7:80");
}

}  // namespace
}  // namespace waitstate::diagnosis
