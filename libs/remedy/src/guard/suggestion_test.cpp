#include "waitstate/remedy/guard/suggestion.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;

/// What is suggested, as parse_policy() reads it.
rule suggested(const socket_selector& selected) {
  const auto text = suggested_policy(selected);
  const auto p = parse_policy(text);
  EXPECT_TRUE(p) << text << p.error().what;
  if (!p || p->rules.size() != 1) return {};
  return p->rules.front();
}

rule suggested(const std::string& words) {
  const auto selected = parse_selector(words);
  EXPECT_TRUE(selected) << words;
  return suggested(selected.value_or(socket_selector{}));
}

TEST(suggestion, closes_what_its_peer_has_left_and_only_reports_the_rest) {
  const auto leak = suggested("state:close-wait peer:10.0.0.7:9443");
  EXPECT_EQ(leak.name, "state-close-wait-peer-10-0-0-7-9443");
  EXPECT_EQ(to_text(leak.selected), "state:close-wait peer:10.0.0.7:9443 older:1m");
  EXPECT_EQ(leak.action, rule_action::reap);
  EXPECT_EQ(leak.per_minute, 1'000U);
  EXPECT_FALSE(leak.may.even_established);
  EXPECT_EQ(suggested("state:close-wait older:1h").selected.older, 1h) << "as it was said";
  for (const auto* words : {"peer:10.0.0.7", "state:established", "state:time-wait", "state:listen",
                            "state:close-wait,established"}) {
    EXPECT_EQ(suggested(words).action, rule_action::report) << words;
  }
}

TEST(suggestion, keeps_a_name_that_somebody_else_chose_as_it_is) {
  for (const auto* name : {"a \"b\" \\", "'", "#", "\x01\n\x7f", "\xc3\xa4 x"}) {
    socket_selector selected{.states = {tcp::state::close_wait}, .process = name};
    EXPECT_EQ(suggested(selected).selected.process, name);
  }
  socket_selector longest{.states = {tcp::state::close_wait}, .process = std::string(300, 'x')};
  EXPECT_EQ(suggested(longest).selected.process.size(), 300U);
}

TEST(suggestion, is_a_policy_for_whatever_a_report_says_to_close) {
  std::size_t tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAITSTATE_INCIDENTS)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator(in), {}};
    const auto s = paste::read(text);
    if (!s) continue;
    for (const auto& f : diagnosis::diagnose(*s).findings) {
      for (const auto& r : f.remedies) {
        const auto* const close = std::get_if<diagnosis::close_sockets>(&r.action);
        if (close == nullptr) continue;
        ++tried;
        EXPECT_EQ(suggested(close->selected).action, rule_action::reap) << entry.path();
      }
    }
  }
  EXPECT_GT(tried, 10U);
}

}  // namespace
}  // namespace waitstate::remedy::guard
