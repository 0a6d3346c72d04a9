#include "waitstate/render/reap_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "waitstate/render/reap_json.h"

namespace waitstate::render {
namespace {

using testing::HasSubstr;
using testing::Not;

tcp::endpoint endpoint_of(const char* address, std::uint16_t port) {
  return {.address = tcp::parse_address(address).value_or(tcp::address{}), .port = port};
}

remedy::reap_plan leak() {
  remedy::reap_plan plan{.selection = "state:close-wait older:5m", .found = 403, .to_close = 400};
  plan.namespaces.emplace_back();
  plan.owners.push_back({.pid = 812, .name = "java"});
  plan.groups.push_back({.state = tcp::state::close_wait,
                         .side = direction::outbound,
                         .owner = 0,
                         .end = endpoint_of("10.0.0.7", 9443),
                         .count = 400,
                         .unread_bytes = 2'048,
                         .youngest_ms = 301'000,
                         .oldest_ms = 3'600'000});
  plan.left[remedy::left_alone::never_accepted] = 3;
  return plan;
}

constexpr std::string_view command = "waitstate reap state:close-wait older:5m";

TEST(reap_text, a_plan_says_what_it_would_do_what_it_does_not_free_and_how_to_do_it) {
  EXPECT_EQ(to_text(leak(), {.at_most = 1'000}, {}, command, {.width = 80}),
            R"text(Would close 400 of 403 sockets that state:close-wait older:5m selects

COUNT  STATE       WHERE             OWNER                       AGE  UNREAD
  400  CLOSE-WAIT  to 10.0.0.7:9443  java (pid 812)  5 min 1 s - 1 h   2 KiB

CLOSE-WAIT: its owner's next read returns the end, its next write fails with
            ECONNABORTED, later ones with EPIPE (and SIGPIPE unless that is
            ignored); an event loop is woken and often closes the descriptor
Not freed: 400 descriptors, which only the program can close

Left alone 3: they wait to be accepted: closed, they would still fill the
           backlog and accept() would still return them; make the program
           accept, or restart it

Nothing was closed. To do it:
  waitstate reap state:close-wait older:5m --apply
)text");
}

TEST(reap_text, a_bound_that_is_passed_is_said) {
  EXPECT_THAT(to_text(leak(), {.at_most = 100}, {}, command, {}), HasSubstr("--max 400"));
}

TEST(reap_text, nothing_to_close_has_no_command) {
  remedy::reap_plan none{.selection = "state:listen", .found = 1};
  none.left[remedy::left_alone::listens] = 1;
  const auto text = to_text(none, {}, {}, "waitstate reap state:listen", {});
  EXPECT_THAT(text, HasSubstr("Nothing of what is selected may be closed"));
  EXPECT_THAT(text, Not(HasSubstr("--apply")));
}

TEST(reap_text, an_outcome_counts_what_became_of_each) {
  remedy::reap_outcome done{.not_tried = 5, .descriptors_left = 390, .ports_back = 390};
  done.targets = {
      {remedy::reaped::closed, 390}, {remedy::reaped::gone, 3}, {remedy::reaped::changed, 2}};
  EXPECT_EQ(to_text(leak(), {}, done, command, {.width = 80}),
            R"text(Closed 390 of 403 sockets that state:close-wait older:5m selects
  3 had been closed meanwhile, by their program or by the kernel
  2 were not what is selected any more when their turn came
  5 were not tried: past the bound of --max
  390 local ports can be connected from again
  390 descriptors still lead to closed sockets: only their program can close
  these, or its end

Left alone 3: they wait to be accepted: closed, they would still fill the
           backlog and accept() would still return them; make the program
           accept, or restart it
)text");
}

TEST(reap_text, a_name_from_anywhere_moves_no_terminal) {
  auto plan = leak();
  plan.owners[0].name = "ja\x1b[2Jva\n";
  EXPECT_THAT(to_text(plan, {}, {}, command, {}), Not(HasSubstr("\x1b")));
}

TEST(reap_json, has_the_plan_and_then_the_outcome) {
  const auto planned = nlohmann::json::parse(to_json(leak(), {}, {}));
  EXPECT_EQ(planned.at("schema"), 1);
  EXPECT_EQ(planned.at("to_close"), 400);
  EXPECT_TRUE(planned.at("outcome").is_null());
  EXPECT_EQ(planned.at("groups").at(0).at("peer"), "10.0.0.7:9443");
  EXPECT_EQ(planned.at("groups").at(0).at("owner").at("pid"), 812);
  EXPECT_EQ(planned.at("left_alone").at(0).at("reason"), "never-accepted");
  remedy::reap_outcome done;
  done.targets[remedy::reaped::closed] = 400;
  done.trouble = error{.code = errc::permission, .what = "close a socket: no", .hint = {}};
  const auto written = nlohmann::json::parse(to_json(leak(), {}, done));
  EXPECT_EQ(written.at("outcome").at("closed"), 400);
  EXPECT_EQ(written.at("outcome").at("refused"), 0);
  EXPECT_EQ(written.at("outcome").at("trouble"), "close a socket: no");
}

}  // namespace
}  // namespace waitstate::render
