#include "words/far_end_text.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using enum tcp::state;

TEST(far_end_text, states_tell_who_is_to_act) {
  struct row {
    tcp::state here, there;
    std::uint64_t unread;
    std::string_view blame;
    bool there_at_fault;
  };
  const row rows[] = {
      {fin_wait_2, close_wait, 0, "The fault is on app1", true},
      {close_wait, fin_wait_2, 0, "The fault is here", false},
      {established, established, 9, "The fault is on app1: 9 of these have unread data", true},
      {established, established, 2, "", false},
      {syn_sent, syn_received, 0, "10 of these SYNs have reached app1", false},
      {time_wait, last_ack, 0, "", false},
  };
  for (const auto& r : rows) {
    const far_end far{
        .state = r.here, .host = "app1", .far_state = r.there, .count = 10, .far_unread = r.unread};
    const auto blame = blame_of(far);
    EXPECT_EQ(blame.substr(0, r.blame.size()), r.blame);
    EXPECT_EQ(blame.empty(), r.blame.empty());
    EXPECT_EQ(is_fault_of_far_end(far), r.there_at_fault);
  }
}

TEST(far_end_text, a_finding_has_those_of_its_subject) {
  auto s = paste(os_family::linux_kernel);
  s.far_ends = {
      {.state = fin_wait_2, .service = endpoint_of("10.0.0.9", 8080), .host = "a", .count = 5},
      {.state = fin_wait_2, .service = endpoint_of("10.0.0.9", 9090), .host = "a", .count = 4},
      {.state = close_wait, .service = endpoint_of("10.0.0.9", 8080), .host = "a", .count = 3}};
  finding f{.id = "fin-wait2-stuck",
            .subject = {.kind = subject_kind::destination, .text = "10.0.0.9:8080"}};
  ASSERT_EQ(far_ends_of(s, f).size(), 1U);
  EXPECT_EQ(far_ends_of(s, f)[0].count, 5U);
  f.subject = {.kind = subject_kind::host};
  EXPECT_EQ(far_ends_of(s, f).size(), 2U);
  f.id = "conntrack-full";
  EXPECT_TRUE(far_ends_of(s, f).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
