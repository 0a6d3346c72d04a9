#include "waitstate/render/guard_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "waitstate/render/guard_json.h"

namespace waitstate::render {
namespace {

using namespace remedy::guard;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

policy leaks() {
  rule r{.name = "leaked-leases", .action = rule_action::reap, .per_minute = 400, .quiet = 5min};
  r.selected = parse_selector("state:close-wait peer:10.0.0.7:9443").value_or(socket_selector{});
  r.when = {.count = 50, .pool = pool_share{400, 25}};
  rule page{.name = "ports",
            .action = rule_action::run,
            .command = {"/bin/page", "on call"},
            .per_minute = 1};
  page.selected = parse_selector("peer:10.0.0.7:80").value_or(socket_selector{});
  page.when.ports_left = 1'000;
  return {.rules = {r, page}};
}

sighting java() {
  return {.who = {.net_namespace = 42, .pid = 812, .process = "java"},
          .count = 380,
          .closable = 380,
          .oldest_ms = 362'000,
          .fd_limit = 1'024};
}

TEST(guard_text, a_policy_is_told_as_it_was_understood) {
  EXPECT_EQ(to_text(leaks()),
            R"(2 rules, a look every 10 s
leaked-leases: state:close-wait peer:10.0.0.7:9443
  from 50 sockets of one owner and 25 % of a pool of 400 on, until 5 min of quiet
  closes them (reset), 400 a minute at most
ports: peer:10.0.0.7:80
  from under 1,000 ports left to a destination on, until 5 min of quiet
  runs '/bin/page' 'on call', 1 a minute at most
)");
}

TEST(guard_text, connections_in_use_are_never_closed_silently) {
  auto p = leaks();
  p.rules[0].may.even_established = true;
  EXPECT_THAT(to_text(p), HasSubstr("CONNECTIONS THAT MAY BE IN USE"));
}

TEST(guard_text, a_beginning_names_the_owner_and_how_much_it_is) {
  EXPECT_EQ(
      to_line(leaks(), {.what = happening::begins, .rule = "leaked-leases", .seen = java()}),
      "leaked-leases begins: java (pid 812): 380 sockets that state:close-wait "
      "peer:10.0.0.7:9443 selects, the oldest for 6 min 2 s; 95 % of a pool of 400; its limit "
      "is 1,024 descriptors");
}

TEST(guard_text, an_end_says_how_long_and_how_bad_it_was) {
  EXPECT_EQ(to_line(leaks(), {.what = happening::ends,
                              .rule = "leaked-leases",
                              .seen = java(),
                              .lasted = 12min,
                              .most = 400,
                              .closed = 380}),
            "leaked-leases ends: java (pid 812), after 12 min; 400 sockets at the worst, 380 "
            "closed by this rule");
}

TEST(guard_text, a_stop_says_what_lets_it_go_on) {
  const auto line = to_line(
      leaks(), {.what = happening::stops, .rule = "leaked-leases", .seen = java(), .closed = 100});
  EXPECT_THAT(line, HasSubstr("closing 380 sockets of java (pid 812) would pass its limit of 400"));
  EXPECT_THAT(line, HasSubstr("SIGHUP or --resume"));
}

TEST(guard_text, a_deed_says_what_became_of_it) {
  deed_outcome closed{.reaped = remedy::reap_outcome{.descriptors_left = 3}, .to_close = 380};
  closed.reaped->targets[remedy::reaped::closed] = 378;
  EXPECT_EQ(to_line(leaks(), {.rule = 0, .seen = java()}, closed),
            "leaked-leases: closed 378 of 380 sockets of java (pid 812); 3 descriptors still held "
            "by the program");
  const deed_outcome ran{.command = command_end{.exit_status = 3, .output = "no\x1b[2J\nline"}};
  EXPECT_EQ(to_line(leaks(), {.rule = 1, .seen = java()}, ran),
            "ports: ran /bin/page for java (pid 812): exit status 3: no?[2J?line");
}

TEST(guard_text, a_name_from_anywhere_stays_in_its_line) {
  auto s = java();
  s.who.process = "ja\nva\x1b[31m";
  const auto line = to_line(leaks(), {.rule = "leaked-leases", .seen = s});
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
}

TEST(guard_json, each_line_is_an_object) {
  const guard_json json(std::chrono::system_clock::time_point(90s));
  const auto begins = nlohmann::json::parse(
      json.line({.what = happening::begins, .rule = "leaked-leases", .seen = java()}));
  EXPECT_EQ(begins.at("time"), "1970-01-01T00:01:30Z");
  EXPECT_EQ(begins.at("event"), "begins");
  EXPECT_EQ(begins.at("owner").at("pid"), 812);
  EXPECT_EQ(begins.at("count"), 380);
  EXPECT_TRUE(begins.at("ports_left").is_null());
  const deed d{.rule = 0, .seen = java(), .at_most = 380};
  const auto would = nlohmann::json::parse(json.line(leaks(), d));
  EXPECT_EQ(would.at("event"), "would-close");
  EXPECT_EQ(would.at("to_close"), 380);
  deed_outcome refused{.reaped = remedy::reap_outcome{}, .to_close = 380};
  refused.trouble = error{.code = errc::permission, .what = "no", .hint = {}};
  EXPECT_EQ(nlohmann::json::parse(json.line(leaks(), d, refused)).at("trouble"), "no");
  EXPECT_EQ(nlohmann::json::parse(json.line("x", *refused.trouble)).at("event"), "trouble");
}

}  // namespace
}  // namespace waitstate::render
