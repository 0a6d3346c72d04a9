#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report_fixture.h"
#include "waitstate/render/columns.h"
#include "waitstate/render/groups_text.h"

namespace waitstate::render {
namespace {

using testing::HasSubstr;

TEST(groups_text, shows_the_default_table_at_120_columns) {
  const auto s = busy_proxy();
  EXPECT_EQ(to_text(s, group_sockets(s, {}, {}), {.width = 120}, 40),
            R"text(Seen   web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z
States 29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 CLOSE-WAIT, 1 LISTEN

 COUNT  STATE        WHERE                         OWNER            ACCEPT-Q            RECV-Q     OLDEST  CLOSES/S
28,229  TIME-WAIT    to 10.0.0.7:80                nobody                  -                 0       42 s       470
 1,200  ESTABLISHED  at 10.0.0.1:443 from 3 peers  nginx (pid 812)         -  117 KiB in 1,200          -         -
    12  CLOSE-WAIT   to [2001:db8::5]:5432         nginx (pid 812)         -        12 B in 12  1 h 1 min         -
     1  LISTEN       at 0.0.0.0:443                nginx (pid 812)  3 of 511                 -          -         -

too narrow for SEND-Q
limit: owners of 4 sockets are hidden (run as root)
)text");
}

TEST(groups_text, says_which_columns_a_narrow_page_lacks) {
  const auto s = busy_proxy();
  EXPECT_EQ(to_text(s, group_sockets(s, {}, {}), {.width = 80}, 40),
            R"text(Seen   web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z
States 29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 CLOSE-WAIT,
       1 LISTEN

 COUNT  STATE        WHERE                         OWNER               OLDEST
28,229  TIME-WAIT    to 10.0.0.7:80                nobody                42 s
 1,200  ESTABLISHED  at 10.0.0.1:443 from 3 peers  nginx (pid 812)          -
    12  CLOSE-WAIT   to [2001:db8::5]:5432         nginx (pid 812)  1 h 1 min
     1  LISTEN       at 0.0.0.0:443                nginx (pid 812)          -

too narrow for SEND-Q, CLOSES/S, ACCEPT-Q, RECV-Q
limit: owners of 4 sockets are hidden (run as root)
)text");
}

TEST(groups_text, counts_what_the_bound_cuts) {
  const auto s = busy_proxy();
  EXPECT_EQ(to_text(s, group_sockets(s, {group_column::peer}, {}), {.width = 100}, 2),
            R"text(Seen   web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z
States 29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 CLOSE-WAIT, 1 LISTEN

 COUNT  STATES       WHERE                    RECV-Q  SEND-Q  OLDEST  CLOSES/S
28,229  TIME-WAIT    to 10.0.0.7:80                0       0    42 s       470
   400  ESTABLISHED  from 192.0.2.1  39.1 KiB in 400       0       -         -

813 sockets in 4 more rows: --top 0 shows all
limit: owners of 4 sockets are hidden (run as root)
)text");
}

TEST(groups_text, shows_every_row_when_not_bounded) {
  const auto s = busy_proxy();
  const auto text = to_text(s, group_sockets(s, {group_column::peer}, {}), {}, 0);
  EXPECT_THAT(text, HasSubstr("192.0.2.3"));
  EXPECT_THAT(text, testing::Not(HasSubstr("--top")));
}

TEST(groups_text, says_when_nothing_matches) {
  const auto s = busy_proxy();
  const auto nobody = parse_selector("peer:203.0.113.9").value();
  const auto text = to_text(s, group_sockets(s, {}, nobody), {}, 40);
  EXPECT_THAT(text, HasSubstr("no socket matches\n"));
  EXPECT_THAT(text, HasSubstr("0 of 29,442 sockets shown\n"));
}

}  // namespace
}  // namespace waitstate::render
