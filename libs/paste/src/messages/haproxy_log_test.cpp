#include "messages/haproxy_log.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(haproxy_log, a_termination_code_says_what_failed) {
  struct row {
    std::string_view line;
    message_kind kind;
    std::string_view server;
  };
  constexpr row rows[] = {
      {"May 1 12:00:00 lb haproxy[123]: 10.0.1.2:33317 [01/May/2024:12:00:00.655] http-in app/srv1 "
       "10/30000/-1/-1/30010 503 217 - - sQ-- 212/200/180/30/0 0/41 {} \"GET / HTTP/1.1\"",
       message_kind::pool_exhausted, "app/srv1"},
      {"haproxy[123]: 10.0.1.2:33318 [01/May/2024:12:00:00.655] http-in app/srv2 0/0/-1/-1/5005 "
       "503 217 "
       "- - sC-- 2/2/2/1/+3 0/0 \"GET / HTTP/1.1\"",
       message_kind::connect_timed_out, "app/srv2"},
      {"haproxy[123]: 10.0.1.2:33319 [01/May/2024:12:00:00.655] tcp-in db/pg1 0/-1/3001 0 SC "
       "1/1/1/0/3 0/0",
       message_kind::connect_refused, "db/pg1"},
      {"haproxy[9]: 10.0.1.2:3 [01/May/2024:12:00:00.655] http-in app/srv1 10/0/30/-1/109 502 0 - "
       "- SH-- "
       "1/1/1/1/0 0/0 \"GET / HTTP/1.1\"",
       message_kind::connection_reset, "app/srv1"},
  };
  for (const auto& r : rows) {
    const auto end = read_haproxy_end(r.line);
    ASSERT_TRUE(end) << r.line;
    EXPECT_EQ(end->kind, r.kind) << r.line;
    EXPECT_EQ(end->server, r.server) << r.line;
  }
}

TEST(haproxy_log, a_session_that_ended_well_says_nothing) {
  for (const std::string_view line : {"haproxy[123]: 10.0.1.2:33317 [01/May/2024:12:00:00.655] "
                                      "http-in app/srv1 10/0/30/69/109 200 2750 - "
                                      "- ---- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"",
                                      "haproxy[123]: 10.0.1.2:33317 [01/May/2024:12:00:00.655] "
                                      "http-in app/srv1 10/0/30/69/109 200 2750 - "
                                      "- cD-- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"",
                                      "", "1/2/3/4/5/6/7/8 sC 1/2/3/4/5"}) {
    EXPECT_FALSE(read_haproxy_end(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
