#include "judgement/open_questions.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> asked(const snapshot& s) {
  std::vector<std::string> ids;
  for (const auto& q : open_questions(picture(s))) ids.push_back(q.to_add.id);
  return ids;
}

/// Two states and a listener: nothing to ask about.
snapshot whole_table() {
  auto s = paste(os_family::linux_kernel);
  put_listener(s, "0.0.0.0", 80, 0, 128);
  put(s, on(state::established, 80, "10.0.9.9", 30));
  return s;
}

TEST(open_questions, a_whole_quiet_table_raises_none) {
  EXPECT_THAT(asked(whole_table()), IsEmpty());
}

TEST(open_questions, every_kind_of_error_is_told_once_with_its_meaning_and_what_to_add) {
  for (const auto kind : all_message_kinds) {
    auto s = whole_table();
    s.messages.assign(2, said(kind, "a line"));
    const auto questions = open_questions(picture(s));
    ASSERT_EQ(questions.size(), 1U) << to_string(kind);
    EXPECT_THAT(questions[0].text, HasSubstr(std::string(to_string(kind))))
        << "the line's own kind";
    EXPECT_THAT(questions[0].text, HasSubstr("2 times"));
    EXPECT_THAT(questions[0].to_add.hint, HasSubstr("ss -tan")) << "a command of that system";
  }
}

TEST(open_questions, namespaces_that_may_not_be_entered) {
  auto s = host();
  s.namespaces_refused = 60;
  const auto questions = open_questions(picture(s));
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].text, "60 of 61 network namespaces may not be entered");
}

TEST(open_questions, more_lines_unread_than_read) {
  for (const std::uint64_t unread : {31U, 32U}) {
    auto s = whole_table();
    s.unread = unread;
    EXPECT_EQ(asked(s).size(), unread == 32 ? 1U : 0U) << unread << " beside 31 rows";
  }
}

TEST(open_questions, three_in_a_hundred_left_out_past_a_bound) {
  for (const std::uint64_t dropped : {3U, 4U}) {
    auto s = whole_table();
    put(s, on(state::established, 80, "10.0.9.8", 69));
    s.dropped = dropped;
    EXPECT_EQ(asked(s).size(), dropped == 4 ? 1U : 0U) << dropped << " of 100";
  }
}

TEST(open_questions, a_thousand_sockets_without_a_state_or_most_of_what_is_counted) {
  struct row {
    std::uint64_t unknown;
    std::uint64_t established;
    bool is_asked;
  };
  constexpr std::array rows{row{999, 2'000, false}, row{1'000, 2'000, true}, row{3, 0, true},
                            row{30, 4, false}};
  for (const auto& r : rows) {
    auto s = paste();
    put(s, counts(state::unknown, r.unknown));
    if (r.established > 0) put(s, on(state::established, 80, "10.0.9.9", r.established));
    EXPECT_EQ(!asked(s).empty(), r.is_asked) << r.unknown << " beside " << r.established;
  }
}

TEST(open_questions, descriptors_whose_limit_is_not_shown_from_four_fifths_of_the_usual_one) {
  for (const std::uint64_t open : {819U, 820U}) {
    auto s = whole_table();
    add_process(s, 7, "app");
    s.processes[0].fd_count = open;
    EXPECT_EQ(asked(s).size(), open == 820 ? 1U : 0U) << open;
    s.processes[0].fd_limit = 65'536;
    EXPECT_THAT(asked(s), IsEmpty());
  }
}

TEST(open_questions, time_wait_of_unknown_side_from_a_quarter_of_the_ports) {
  for (const std::uint64_t count : {7'057U, 7'058U}) {  // a quarter of 28,232
    auto s = paste(os_family::linux_kernel);
    put(s, counts(state::time_wait, count));
    put(s, counts(state::established, 50));
    EXPECT_EQ(!asked(s).empty(), count == 7'058) << count;
  }
}

TEST(open_questions, time_wait_of_unknown_side_from_a_thousand_where_nothing_else_was_counted) {
  for (const std::uint64_t count : {999U, 1'000U}) {
    auto s = paste(os_family::linux_kernel);
    put(s, counts(state::time_wait, count));
    EXPECT_EQ(!asked(s).empty(), count == 1'000) << count;
  }
}

TEST(open_questions, one_client_whose_connections_were_all_closed_here) {
  for (const std::uint64_t count : {4U, 5U}) {
    auto s = paste();
    put(s, on(state::time_wait, 6379, "10.0.9.9", count));
    if (count == 5) {
      EXPECT_THAT(asked(s), ElementsAre("client-not-seen"));
    } else {
      EXPECT_THAT(asked(s), IsEmpty());
    }
  }
}

TEST(open_questions, open_connections_alone_none_of_which_has_a_timer) {
  auto s = paste();
  put(s, to(state::established, "10.0.0.7", 80, 3).without_timer());
  EXPECT_THAT(asked(s), ElementsAre("peers-not-seen"));
  put(s, to(state::established, "10.0.0.8", 80, 1));
  EXPECT_THAT(asked(s), IsEmpty()) << "one may have a timer";
}

TEST(open_questions, a_number_in_a_sentence_of_which_less_than_half_is_shown) {
  for (const std::uint64_t told : {60U, 63U}) {
    auto s = whole_table();
    s.statement = stated_number{.sockets = told, .text = "we see that many"};
    EXPECT_EQ(asked(s).size(), told == 63 ? 1U : 0U) << told << " beside 31";
  }
}

TEST(open_questions, what_kept_a_part_of_a_live_host_from_being_seen) {
  for (const auto* id : {"incomplete-dump", "unread-messages", "no-processes"}) {
    auto s = host();
    s.limits.push_back({.id = id, .text = "a part is missing", .hint = {}});
    EXPECT_THAT(asked(s), ElementsAre("part-not-seen")) << id;
    s.source = source_kind::pasted;
    EXPECT_THAT(asked(s), IsEmpty());
  }
  auto s = host();
  s.limits.push_back({.id = "other-namespaces", .text = "were not looked at", .hint = {}});
  EXPECT_THAT(asked(s), IsEmpty());
}

TEST(open_questions, a_live_range_of_ports_that_could_not_be_read) {
  auto s = host();
  put(s, to(state::established, "10.0.0.7", 80, 3));
  EXPECT_THAT(asked(s), IsEmpty());
  s.namespaces[0].sysctls.clear();
  EXPECT_THAT(asked(s), ElementsAre("port-range-not-seen"));
}

}  // namespace
}  // namespace waitstate::diagnosis
