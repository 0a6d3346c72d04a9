#include "waitstate/render/text.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report_fixture.h"
#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"
#include "waitstate/render/columns.h"

namespace waitstate::render {
namespace {

using diagnosis::verdict;
using testing::HasSubstr;
using testing::Not;

diagnosis::report trouble() {
  return report_of({no_ports_left(), a_leak(), server_side()}, verdict::critical,
                   no_ports_left().title);
}

diagnosis::report calm() {
  auto r = report_of({server_side()}, verdict::healthy,
                     "28,229 TIME-WAIT are normal here: they belong to the server and block "
                     "nothing");
  r.limits.clear();
  return r;
}

TEST(text, fits_80_columns) {
  EXPECT_EQ(to_text(trouble(), {.width = 80}),
            R"text(CRITICAL  3 of 28,232 local ports are left for connections to 10.0.0.7:80
   Why    nginx opens a connection for each request and closes it first, so each
          one leaves a local port in TIME-WAIT for 60 s.
   Do     1. Keep connections to the upstream open
             upstream app {
               server 10.0.0.7:80;
               keepalive 64;
             }
             risk: the upstream holds up to 64 idle connections for each worker
          2. Widen the port range for now
          3. Give the upstream a second address, so that ports are counted twice
   Proof  free ports to 10.0.0.7:80        3 of 28,232 (sock_diag)
          closed by us in the last minute  28,229 connections, 470 a second
                                           (TIME-WAIT timers)
          tcp_tw_reuse                     2 (loopback only)
                                           (net.ipv4.tcp_tw_reuse)
   Next   470 closes a second x 60 s = 28,200 ports, and the range has 28,232:
          connect() fails with EADDRNOTAVAIL at the next peak.

2. WARNING  nginx (pid 812) holds 12 connections that [2001:db8::5]:5432 closed
   Why    The peer closed first and the program did not.
   Do     1. Close the connection on every path
   Proof  CLOSE-WAIT over 60 s old  12 (sock_diag)

   Seen   web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z
   States 29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 CLOSE-WAIT,
          1 LISTEN

Also
   - 1,200 TIME-WAIT belong to the listener 0.0.0.0:443 and block no port
     (server-side-time-wait)

Limits
   - owners of 4 sockets are hidden (run as root)

More: -v shows everything; waitstate explain ephemeral-port-exhaustion
)text");
}

TEST(text, fits_100_columns) {
  EXPECT_EQ(to_text(trouble(), {.width = 100}),
            R"text(CRITICAL  3 of 28,232 local ports are left for connections to 10.0.0.7:80
   Why    nginx opens a connection for each request and closes it first, so each one leaves a local
          port in TIME-WAIT for 60 s.
   Do     1. Keep connections to the upstream open
             upstream app {
               server 10.0.0.7:80;
               keepalive 64;
             }
             risk: the upstream holds up to 64 idle connections for each worker
          2. Widen the port range for now
          3. Give the upstream a second address, so that ports are counted twice
   Proof  free ports to 10.0.0.7:80        3 of 28,232 (sock_diag)
          closed by us in the last minute  28,229 connections, 470 a second (TIME-WAIT timers)
          tcp_tw_reuse                     2 (loopback only) (net.ipv4.tcp_tw_reuse)
   Next   470 closes a second x 60 s = 28,200 ports, and the range has 28,232: connect() fails with
          EADDRNOTAVAIL at the next peak.

2. WARNING  nginx (pid 812) holds 12 connections that [2001:db8::5]:5432 closed
   Why    The peer closed first and the program did not.
   Do     1. Close the connection on every path
   Proof  CLOSE-WAIT over 60 s old  12 (sock_diag)

   Seen   web-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z
   States 29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 CLOSE-WAIT, 1 LISTEN

Also
   - 1,200 TIME-WAIT belong to the listener 0.0.0.0:443 and block no port (server-side-time-wait)

Limits
   - owners of 4 sockets are hidden (run as root)

More: -v shows everything; waitstate explain ephemeral-port-exhaustion
)text");
}

TEST(text, has_colours_when_asked) {
  EXPECT_EQ(
      to_text(calm(), {.width = 80, .colour = true}),
      "\x1b[1;32mHEALTHY  \x1b[0m\x1b[1m28,229 TIME-WAIT are normal here: they belong to the "
      "server and block\x1b[0m\n"
      "         \x1b[1mnothing\x1b[0m\n"
      "\n"
      "\x1b[1m   Seen   \x1b[0mweb-1, Linux 6.18.44, sock_diag, 2026-01-05T10:22:07Z\n"
      "\x1b[1m   States \x1b[0m29,442 sockets: 28,229 TIME-WAIT, 1,200 ESTABLISHED, 12 "
      "CLOSE-WAIT,\n"
      "          1 LISTEN\n"
      "\n"
      "\x1b[1mGood to know\x1b[0m\n"
      "\x1b[36m   - \x1b[0m1,200 TIME-WAIT belong to the listener 0.0.0.0:443 and block no port\n"
      "     (server-side-time-wait)\n"
      "     \x1b[2mThe server closed first. Each costs about 256 bytes for 60 s.\x1b[0m\n"
      "\n"
      "\x1b[2mMore: \x1b[0m\x1b[2m-v shows everything; waitstate explain "
      "server-side-time-wait\x1b[0m\n");
}

TEST(text, has_no_escape_unless_asked) {
  EXPECT_THAT(to_text(trouble(), {}), Not(HasSubstr("\x1b")));
}

TEST(text, never_breaks_a_command_and_keeps_all_else_in_the_width) {
  auto report = trouble();
  const std::string command(150, 'x');
  report.findings[0].remedies[0].command = command + "\n";
  report.findings[0].evidence[0].fact = std::string(200, 'y');
  for (const std::size_t width : {1U, 40U, 57U, 80U, 200U}) {
    const auto text = to_text(report, {.width = width, .verbose = true});
    EXPECT_THAT(text, HasSubstr(command));
    for (const auto line : lines_of(text)) {
      const bool pasted = line.find(command) != line.npos || line.find("sysctl -w") != line.npos;
      if (!pasted) EXPECT_LE(columns(line), std::max<std::size_t>(width, 40)) << line;
    }
  }
}

TEST(text, breaks_no_command_of_an_undo_where_it_fits_a_line) {
  auto report = trouble();
  const std::string command = "`sysctl -w net.ipv4.tcp_mem=\"94500 126000 189000\"`";
  report.findings[0].remedies[0].undo = "as it was before all of this was tried: " + command;
  EXPECT_THAT(to_text(report, {.width = 80, .verbose = true}), HasSubstr(command));
  for (const auto line : lines_of(to_text(report, {.width = 40, .verbose = true}))) {
    EXPECT_THAT(std::string(line), Not(HasSubstr("\xc2\xa0")));
  }
}

TEST(text, shows_everything_when_verbose) {
  auto report = trouble();
  auto& leak = report.findings[1];
  for (int i = 0; i < 9; ++i) leak.evidence.push_back({"fact", "value", "source"});
  for (int i = 0; i < 9; ++i) {
    leak.remedies.push_back(
        {fmt::format("do {}", i), fmt::format("command {}\n", i), "risk", "undo"});
  }
  const auto brief = to_text(report, {});
  const auto whole = to_text(report, {.verbose = true});
  EXPECT_THAT(brief, HasSubstr("-v shows 5 more\n"));
  EXPECT_THAT(brief, HasSubstr("-v shows everything"));
  EXPECT_THAT(whole, HasSubstr("10. do 8"));
  EXPECT_THAT(whole, Not(HasSubstr("-v")));
  EXPECT_THAT(whole, HasSubstr("3. info  1,200 TIME-WAIT"));
}

TEST(text, says_what_else_it_may_be) {
  auto leak = a_leak();
  leak.certainty = {.confidence = diagnosis::confidence::likely,
                    .other_cause = "a server that is slow",
                    .decided_by = "a second look"};
  const auto text = to_text(report_of({leak}, verdict::attention, "a leak"), {.width = 80});
  EXPECT_THAT(text, HasSubstr("1. WARNING  likely: nginx (pid 812) holds 12 connections that"));
  EXPECT_THAT(text, HasSubstr("   Or     a server that is slow; what decides: a second look\n"));
  const auto same = to_text(report_of({leak}, verdict::attention, stated(leak)), {});
  EXPECT_THAT(same, HasSubstr("ATTENTION  likely: nginx (pid 812)"));
  EXPECT_THAT(same, Not(HasSubstr("1. WARNING")));
}

TEST(text, does_not_say_the_headline_twice) {
  auto report = report_of({no_ports_left()}, verdict::critical, no_ports_left().title);
  const auto text = to_text(report, {});
  EXPECT_THAT(text,
              testing::StartsWith("CRITICAL  3 of 28,232 local ports are left for connections "
                                  "to 10.0.0.7:80\n   Why    nginx opens"));
  EXPECT_EQ(text.find("3 of 28,232 local"), text.rfind("3 of 28,232 local"));
  report = report_of({server_side()}, verdict::healthy, server_side().title);
  EXPECT_THAT(to_text(report, {}),
              HasSubstr("   - server-side-time-wait: The server closed first. Each costs"));
}

TEST(text, does_not_print_a_command_twice) {
  auto other = a_leak();
  other.remedies[0].command = no_ports_left().remedies[0].command;
  const auto report = report_of({no_ports_left(), other}, verdict::critical, "two");
  const auto text = to_text(report, {.verbose = true});
  EXPECT_THAT(text, HasSubstr("1. Close the connection on every path: as under 1\n"));
  EXPECT_EQ(text.find("keepalive 64;"), text.rfind("keepalive 64;"));
}

TEST(text, does_not_prove_twice) {
  auto other = a_leak();
  other.evidence = no_ports_left().evidence;
  const auto report = report_of({no_ports_left(), other}, verdict::critical, "two");
  EXPECT_THAT(to_text(report, {}), HasSubstr("   Proof  as above\n"));
}

TEST(text, does_not_tell_a_cause_twice) {
  auto first = a_leak();
  first.forecast = "it stays";
  first.certainty = {.confidence = diagnosis::confidence::likely,
                     .other_cause = "a slow server",
                     .decided_by = "a second look"};
  auto second = first;
  second.title = "another";
  const auto text = to_text(report_of({first, second}, verdict::attention, stated(first)), {});
  EXPECT_THAT(text, HasSubstr("   Why    as above\n"));
  for (const auto* once : {"The peer closed first and", "a slow server", "it stays"}) {
    EXPECT_EQ(text.find(once), text.rfind(once)) << once;
  }
}

TEST(text, shows_as_much_as_makes_a_screen) {
  auto busy = no_ports_left();
  for (int i = 0; i < 20; ++i) busy.evidence.push_back({fmt::format("fact {}", i), "value", ""});
  auto other = a_leak();
  for (int i = 0; i < 20; ++i) other.remedies.push_back({.text = fmt::format("also {}", i)});
  for (const auto& findings : {std::vector{busy}, std::vector{busy, other}}) {
    const auto text = to_text(report_of(findings, verdict::critical, stated(busy)), {.width = 80});
    EXPECT_LE(lines_of(text).size(), 40U) << text;
    EXPECT_THAT(text, HasSubstr("-v shows everything"));
  }
}

/// Lines of what is shown of an incident; the line of its first command, from 1, or 0.
struct screen {
  std::size_t lines = 0;
  std::size_t first_command = 0;
};

screen screen_of(const diagnosis::report& r) {
  const auto text = to_text(r, {.width = 80});
  const auto lines = lines_of(text);
  screen seen{.lines = lines.size()};
  const auto& remedies = r.findings.front().remedies;
  if (remedies.empty() || remedies.front().command.empty()) return seen;
  const auto command = lines_of(remedies.front().command).front();
  const auto at = std::ranges::find_if(lines, [&](auto line) { return line.contains(command); });
  seen.first_command = static_cast<std::size_t>(at - lines.begin()) + 1;
  return seen;
}

TEST(text, of_every_incident_fits_a_screen_with_its_first_command_at_the_top) {
  std::size_t incidents = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAITSTATE_INCIDENTS)) {
    if (entry.path().extension() != ".txt" || entry.path().stem() == "CMakeLists") continue;
    std::ifstream file(entry.path());
    const auto seen = paste::read(std::string(std::istreambuf_iterator<char>(file), {}));
    ASSERT_TRUE(seen) << entry.path();
    const auto report = diagnosis::diagnose(*seen);
    if (report.verdict != verdict::attention && report.verdict != verdict::critical) continue;
    const auto screen = screen_of(report);
    EXPECT_LE(screen.lines, 40U) << entry.path();
    EXPECT_LE(screen.first_command, 8U) << entry.path();
    ++incidents;
  }
  EXPECT_GE(incidents, 30U);
}

TEST(text, has_a_line_for_a_pager) {
  EXPECT_EQ(to_one_line(trouble()),
            "CRITICAL web-1: 3 of 28,232 local ports are left for connections to 10.0.0.7:80; "
            "1 more finding; do: Keep connections to the upstream open\n");
  EXPECT_EQ(to_one_line(calm()),
            "HEALTHY web-1: 28,229 TIME-WAIT are normal here: they belong to the server and block "
            "nothing\n");
  auto report = calm();
  report.headline = "two\nlines \x1b[31m";
  EXPECT_EQ(to_one_line(report), "HEALTHY web-1: two lines  [31m\n");
  report.headline = "a|b=1;2";
  EXPECT_EQ(to_one_line(report), "HEALTHY web-1: a/b=1;2\n") << "no performance data";
}

TEST(text, says_what_it_cannot_judge) {
  const auto text = to_text({.about = summary_of(snapshot_builder().finish(a_monday)),
                             .verdict = verdict::unknown,
                             .headline = "nothing to judge"},
                            {});
  EXPECT_EQ(text,
            "UNKNOWN  nothing to judge\n\n"
            "   Seen   2026-01-05T10:22:07Z\n"
            "   States no sockets\n");
}

TEST(text, replaces_escapes_and_broken_bytes_of_a_paste) {
  auto report = trouble();
  report.findings[0].title = "a \x1b[31mred\x1b[0m title\xff";
  report.findings[0].remedies[0].command = "run \x1b]0;title\x07\n";
  const auto text = to_text(report, {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(text, HasSubstr("title\xef\xbf\xbd"));
}

TEST(text, does_not_point_to_a_command_that_was_not_printed) {
  auto first = no_ports_left();
  auto other = a_leak();
  ASSERT_GE(first.remedies.size(), 2U);
  other.remedies[0] = first.remedies[1];
  const auto text = to_text(report_of({first, other}, verdict::critical, "two"), {});
  EXPECT_EQ(text.find("as under"), text.npos) << text;
}

}  // namespace
}  // namespace waitstate::render
