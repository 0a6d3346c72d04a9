#include "waitstate/remedy/guard/policy.h"

#include <sys/stat.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// One rule with these lines in it.
std::string rule_with(const std::string& lines) {
  return "[[rule]]\nname = \"leak\"\nselect = \"state:close-wait\"\n" + lines;
}

TEST(policy, a_rule_that_could_close_nothing_is_refused) {
  const auto closing = [](const std::string& states, const std::string& permits = "") {
    return parse_policy("[[rule]]\nname = \"x\"\nselect = \"" + states +
                        "\"\nwhen.count = 5\naction = \"reap\"\n" + permits);
  };
  const auto in_use = closing("state:established peer:10.0.0.7");
  ASSERT_FALSE(in_use);
  EXPECT_THAT(in_use.error().what, HasSubstr("line 3, column 10"));
  EXPECT_THAT(in_use.error().what, HasSubstr("nothing that it selects may be closed"));
  EXPECT_THAT(in_use.error().hint, HasSubstr("even_established"));
  EXPECT_TRUE(closing("state:established", "reap.even_established = true"));
  EXPECT_THAT(closing("state:time-wait").error().hint, HasSubstr("free_ports"));
  EXPECT_TRUE(closing("state:time-wait", "reap.free_ports = true"));
  EXPECT_THAT(closing("state:listen", "reap.even_established = true").error().hint,
              HasSubstr("report"));
  EXPECT_TRUE(closing("state:established,close-wait"));
  EXPECT_TRUE(closing("peer:10.0.0.7"));
}

TEST(policy, is_read_with_every_key) {
  const auto p = parse_policy(R"(
every = "30s"
[[rule]]
name = "leaked leases"
select = 'state:close-wait process:"tmux: server" older:1m'
netns = "all"
when = { count = 50, older = "5m", pool = { size = 400, share = "25%" } }
action = "reap"
reap = { how = "shutdown", even_established = true, free_ports = true }
per_minute = 120
quiet = "10m"
[[rule]]
name = "ports"
select = "peer:10.0.0.7:6379"
when.ports_left = 1000
action = "run"
run = ["/usr/local/bin/page", "on call"]
time_limit = "5s"
)");
  ASSERT_TRUE(p) << p.error().what;
  EXPECT_EQ(p->every, 30s);
  ASSERT_EQ(p->rules.size(), 2U);
  const auto& first = p->rules[0];
  EXPECT_EQ(first.name, "leaked leases");
  EXPECT_EQ(to_text(first.selected), R"(state:close-wait process:"tmux: server" older:1m)");
  EXPECT_EQ(first.net_namespace, "all");
  EXPECT_EQ(first.when, (threshold{.count = 50, .older = 5min, .pool = pool_share{400, 25}}));
  EXPECT_EQ(first.action, rule_action::reap);
  EXPECT_EQ(
      first.may,
      (reap_permissions{.how = close_way::shutdown, .even_established = true, .free_ports = true}));
  EXPECT_EQ(first.per_minute, 120U);
  EXPECT_EQ(first.quiet, 10min);
  const auto& second = p->rules[1];
  EXPECT_EQ(second.when, (threshold{.ports_left = 1'000}));
  EXPECT_EQ(second.command, (std::vector<std::string>{"/usr/local/bin/page", "on call"}));
  EXPECT_EQ(second.time_limit, 5s);
  EXPECT_EQ(second.per_minute, 1U) << "one command a minute unless it says otherwise";
}

TEST(policy, reports_only_unless_it_says_otherwise) {
  const auto p = parse_policy(rule_with("when.descriptors = \"80%\"\n"));
  ASSERT_TRUE(p) << p.error().what;
  EXPECT_EQ(p->every, 10s);
  EXPECT_EQ(p->rules[0].action, rule_action::report);
  EXPECT_EQ(p->rules[0].quiet, 5min);
  EXPECT_EQ(p->rules[0].when.descriptors_percent, 80U);
  EXPECT_EQ(p->rules[0].may, reap_permissions{});
}

struct refusal {
  std::string text;
  std::string what;  ///< How it begins.
  std::string hint;
};

class refused_policy : public testing::TestWithParam<refusal> {};

TEST_P(refused_policy, names_the_line_and_what_to_write) {
  const auto p = parse_policy(GetParam().text);
  ASSERT_FALSE(p) << GetParam().text;
  EXPECT_EQ(p.error().code, errc::invalid_input);
  EXPECT_THAT(p.error().what, testing::StartsWith(GetParam().what)) << GetParam().text;
  EXPECT_THAT(p.error().hint, HasSubstr(GetParam().hint)) << GetParam().text;
}

const std::string count = "when.count = 5\n";

INSTANTIATE_TEST_SUITE_P(
    each, refused_policy,
    testing::Values(
        refusal{"", "line 1, column 1: a policy has from 1 to 64 rules", "[[rule]]"},
        refusal{"every = \"5\"", "line 1, column 9: every is not a duration from 1s to 1h", "1s"},
        refusal{"evry = \"5s\"", "line 1, column 1: there is no key 'evry'", "every?"},
        refusal{"a = [", "line 1, column 6: ", "toml.io"},
        refusal{"[[# a comment\n]]", "line 1, column 3: ", "toml.io"},
        refusal{"name = \u02cf", "line 1, column 8: ", "toml.io"},
        refusal{"[=]", "line 1, column 2: ", "toml.io"},
        refusal{"[rule]\nname = 'x'", "line 1, column 1: rule is one table", "[[rule]]"},
        refusal{"rule = [1]", "line 1, column 9: this rule is no table", "[[rule]]"},
        refusal{"[[rule]]\n", "line 1, column 1: a rule needs a name", "name ="},
        refusal{"[[rule]]\nname = \"\\n\"", "line 2, column 8: a rule needs a name", "name ="},
        refusal{"[[rule]]\nname = 'x'\n" + count, "line 1, column 1: nothing says which", "select"},
        refusal{"[[rule]]\nname = 'x'\nselect = 'stat:time-wait'\n",
                "line 3, column 10: there is no 'stat:'", "state:time-wait"},
        refusal{rule_with(""), "line 1, column 1: a rule says from when on", "count"},
        refusal{rule_with("when = {}"), "line 4, column 8: the threshold is empty", "count"},
        refusal{rule_with("when.cont = 5"), "line 4, column 6: there is no key 'cont'", "count?"},
        refusal{rule_with("when.count = 0"), "line 4, column 14: count is not a number from 1",
                "count = 1"},
        refusal{rule_with("when.count = -5"), "line 4, column 14: count is not a number", "1"},
        refusal{rule_with("when.count = 1.5"), "line 4, column 14: count is not a number", "1"},
        refusal{rule_with("when.count = '5'"), "line 4, column 14: count is not a number", "1"},
        refusal{rule_with("when.descriptors = 80"), "line 4, column 20: descriptors is not a share",
                "50%"},
        refusal{rule_with("when.descriptors = '101%'"), "line 4, column 20: descriptors is not",
                "50%"},
        refusal{rule_with("when.pool.size = 5"), "line 4, column 6: a pool has a size", "share"},
        refusal{rule_with("when = { ports_left = 9, descriptors = '5%' }"),
                "line 4, column 40: ports are counted by destination", "two rules"},
        refusal{rule_with(count + "action = 'kill'"),
                "line 5, column 10: there is no action 'kill'", "report, run or reap"},
        refusal{rule_with(count + "action = 'run'"), "line 1, column 1: the command has no path",
                "run = ["},
        refusal{rule_with(count + "action = 'run'\nrun = 'reboot'"),
                "line 6, column 7: run is no list", "run = ["},
        refusal{rule_with(count + "action = 'run'\nrun = ['reboot']"),
                "line 6, column 7: the command has no path", "run = ["},
        refusal{rule_with(count + "action = 'run'\nrun = ['/x', 5]"),
                "line 6, column 14: a word of run is no text", "run = ["},
        refusal{rule_with(count + "run = ['/bin/true']"),
                "line 5, column 7: the rule has a command and does not run it", "action = \"run\""},
        refusal{rule_with(count + "reap.how = 'reset'"),
                "line 5, column 1: the rule says how to close and does not close", "reap"},
        refusal{rule_with(count + "action = 'reap'\nreap.how = 'gently'"),
                "line 6, column 12: there is no way 'gently'", "shutdown"},
        refusal{rule_with(count + "action = 'reap'\nreap.even_established = 1"),
                "line 6, column 25: even_established is neither true nor false", "true"},
        refusal{rule_with(count + "action = 'reap'\nper_minute = 0"),
                "line 6, column 14: per_minute is not a number", "per_minute = 1"},
        refusal{rule_with(count + "per_minute = 5"), "line 5, column 14: the rule does nothing",
                "action"},
        refusal{rule_with(count + "quiet = '0s'"), "line 5, column 9: quiet is not a duration",
                "quiet ="},
        refusal{rule_with(count + "netns = ''"), "line 5, column 9: the name is empty", "ip netns"},
        refusal{rule_with(count) + rule_with(count),
                "line 6, column 8: there is another rule 'leak'", "name"}));

TEST(policy, is_bounded) {
  EXPECT_FALSE(parse_policy(std::string(policy_bytes_max + 1, '#')));
  std::string many;
  for (std::size_t i = 0; i <= policy::rules_max; ++i) {
    many +=
        "[[rule]]\nname = \"" + std::to_string(i) + "\"\nselect = \"state:close-wait\"\n" + count;
  }
  EXPECT_FALSE(parse_policy(many));
  EXPECT_FALSE(parse_policy("a = " + std::string(100'000, '[')));
}

TEST(policy, that_others_may_write_is_refused) {
  const netlab::temporary_folder in;
  const auto path = in.write("guard.toml", rule_with(count));
  ::chmod(path.c_str(), 0644);
  EXPECT_TRUE(read_policy(path));
  ::chmod(path.c_str(), 0666);
  const auto open = read_policy(path);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, errc::permission);
  EXPECT_THAT(open.error().hint, HasSubstr("chmod go-w"));
}

TEST(policy, that_cannot_be_read_is_an_error_with_its_name) {
  const netlab::temporary_folder in;
  EXPECT_THAT(read_policy(in.path() / "none.toml").error().what, HasSubstr("none.toml"));
  EXPECT_FALSE(read_policy(in.path()));
  const auto path = in.write("guard.toml", "every = 1\n");
  ::chmod(path.c_str(), 0600);
  EXPECT_THAT(read_policy(path).error().what, HasSubstr("guard.toml': line 1, column 9"));
}

TEST(policy, that_is_nested_beyond_all_sense_is_refused_before_it_is_parsed) {
  std::string keys = "a";
  for (int i = 0; i < 20'000; ++i) keys += ".a";
  for (const auto& text : {keys + " = 1\n", "[" + keys + "]\n",
                           "x = " + std::string(20'000, '[') + std::string(20'000, ']') + "\n"}) {
    const auto read = parse_policy("# a policy\n" + text);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().what, "line 2: it is nested too deeply");
  }
}

}  // namespace
}  // namespace waitstate::remedy::guard
