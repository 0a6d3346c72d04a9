#include "words/captured_text.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(captured_text, says_who_closed_the_connections_of_a_finding) {
  auto s = paste();
  s.captured = {{.service = endpoint_of("10.0.0.7", 8080),
                 .direction = direction::outbound,
                 .flows = 42,
                 .closed_here = 2,
                 .closed_there = 40,
                 .reset_there = 1,
                 .half_closed_here = 5,
                 .half_closed_ms = 90'000}};
  finding f{.subject = {.kind = subject_kind::destination, .text = "10.0.0.7:8080"}};
  const auto proof = captured_evidence(s, f);
  ASSERT_EQ(proof.size(), 2U);
  EXPECT_EQ(proof[0].value,
            "40 the other side (1 by a reset), 2 this one (0 by a reset), of 42 connections");
  EXPECT_EQ(proof[1].value, "5 not closed here, 0 not there, the oldest for 1 min 30 s");
  f.subject.text = "10.0.0.8:8080";
  EXPECT_TRUE(captured_evidence(s, f).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
