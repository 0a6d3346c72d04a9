#include "http/own_answer.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(own_answer, tells_limits_time_and_servers_apart) {
  struct row {
    error why;
    int status;
    std::string_view kind;
  };
  const std::vector<row> rows{
      {{.code = errc::refused, .what = "x", .hint = {}}, 502, "connection_refused"},
      {{.code = errc::reset, .what = "x", .hint = {}}, 502, "connection_terminated"},
      {{.code = errc::corrupt, .what = "x", .hint = {}}, 502, "http_protocol_error"},
      {{.code = errc::overloaded, .what = "x", .hint = {}}, 503, "connection_limit_reached"},
      {{.code = errc::timed_out, .what = "x", .hint = {}, .phase = call_phase::wait},
       503,
       "connection_limit_reached"},
      {{.code = errc::timed_out, .what = "x", .hint = {}, .phase = call_phase::connect},
       504,
       "connection_timeout"},
      {{.code = errc::timed_out, .what = "x", .hint = {}, .is_sent = true},
       504,
       "http_response_timeout"},
      {{.code = errc::unavailable, .what = "x", .hint = {}}, 503, "destination_unavailable"},
  };
  for (const auto& row : rows) {
    const auto answer = answer_to(row.why);
    EXPECT_EQ(answer.status, row.status) << row.kind;
    EXPECT_EQ(answer.kind, row.kind);
    EXPECT_EQ(answer.why, "x");
  }
}

}  // namespace
}  // namespace waitstate::sidecar
