#include "waitstate/remedy/guard/policy.h"

#include <algorithm>

#include <fmt/format.h>

#include "waitstate/base/names.h"
#include "waitstate/base/words.h"
#include "waitstate/config/toml_document.h"
#include "waitstate/config/toml_table.h"
#include "waitstate/config/trusted_file.h"

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;
using config::bounds;
using config::toml_table;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 2> policy_keys{"every", "rule"};
constexpr std::array<std::string_view, 10> rule_keys{"name",       "select", "netns",      "when",
                                                     "action",     "run",    "time_limit", "reap",
                                                     "per_minute", "quiet"};
constexpr std::array<std::string_view, 5> when_keys{"count", "older", "descriptors", "pool",
                                                    "ports_left"};
constexpr std::array<std::string_view, 2> pool_keys{"size", "share"};
constexpr std::array<std::string_view, 3> reap_keys{"how", "even_established", "free_ports"};

constexpr bounds sockets_bounds{.low = 1, .high = 10'000'000};
constexpr std::size_t name_max = 64;
constexpr std::size_t words_max = 64;
constexpr std::size_t word_max = 4'096;

/// As `waitstate reap` has it for one run; and one page a minute is enough for anybody.
constexpr std::uint64_t usual_reaps = 1'000;
constexpr std::uint64_t usual_runs = 1;

result<> read_name(const toml_table& t, rule& r) {
  auto read = t.take("name", r.name);
  if (!read) return read;
  const bool is_plain =
      std::ranges::none_of(r.name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!r.name.empty() && r.name.size() <= name_max && is_plain) return {};
  return t.wrong("name", fmt::format("a rule needs a name, of at most {} letters", name_max),
                 R"(name = "leaked-leases")");
}

result<> read_selection(const toml_table& t, rule& r) {
  std::string words;
  auto read = t.take("select", words);
  if (!read) return read;
  auto selected = parse_selector(words);
  if (!selected) return t.wrong("select", selected.error().what, selected.error().hint);
  if (*selected == socket_selector{}) {
    return t.wrong("select", "nothing says which sockets: an empty selection would be all of them",
                   R"(select = "state:close-wait process:NAME")");
  }
  r.selected = *std::move(selected);
  read = t.take("netns", r.net_namespace);
  if (read && t.has("netns") && r.net_namespace.empty()) {
    return t.wrong("netns", "the name is empty", "all, a name of 'ip netns', or a pid");
  }
  return read;
}

result<> read_pool(const toml_table& when, threshold& into) {
  const auto found = when.table("pool");
  if (!found) return failure(found.error());
  const auto pool = *found;
  if (!pool) return {};
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> percent;
  auto read = pool->knows_only(pool_keys)
                  .and_then([&] { return pool->take("size", size, sockets_bounds); })
                  .and_then([&] { return pool->take_percent("share", percent); });
  if (!read) return read;
  if (!size || !percent) {
    return when.wrong("pool", "a pool has a size and a share of it",
                      R"(pool = { size = 400, share = "50%" })");
  }
  into.pool = pool_share{.size = *size, .percent = *percent};
  return {};
}

result<> read_threshold(const toml_table& t, rule& r) {
  const auto found = t.table("when");
  if (!found) return failure(found.error());
  const auto when = *found;
  if (!when) return t.wrong("when", "a rule says from when on it holds", "when = { count = 100 }");
  auto read =
      when->knows_only(when_keys)
          .and_then([&] { return when->take("count", r.when.count, sockets_bounds); })
          .and_then([&] { return when->take("older", r.when.older, 1ms, 24h * 365); })
          .and_then([&] { return when->take_percent("descriptors", r.when.descriptors_percent); })
          .and_then([&] { return read_pool(*when, r.when); })
          .and_then([&] {
            return when->take("ports_left", r.when.ports_left, {.low = 1, .high = 65'535});
          });
  if (!read) return read;
  if (r.when == threshold{}) {
    return t.wrong("when", "the threshold is empty: it would always hold",
                   "when = { count = 100 }");
  }
  if (r.when.ports_left && r.when.descriptors_percent) {
    return when->wrong("descriptors", "ports are counted by destination, descriptors by owner",
                       "make two rules of it");
  }
  return {};
}

result<> read_command(const toml_table& t, rule& r) {
  auto read = t.take("run", r.command);
  if (!read) return read;
  constexpr std::string_view example = R"(run = ["/usr/local/bin/page", "oncall"])";
  if (r.action != rule_action::run) {
    if (!t.has("run")) return {};
    return t.wrong("run", "the rule has a command and does not run it", R"(action = "run")");
  }
  if (r.command.empty() || !r.command.front().starts_with('/')) {
    return t.wrong("run", "the command has no path that begins with /", std::string(example));
  }
  const bool too_long = std::ranges::any_of(
      r.command, [](const auto& word) { return word.size() > word_max || word.contains('\0'); });
  if (r.command.size() > words_max || too_long) {
    return t.wrong(
        "run",
        fmt::format("the command has over {} words, or one of over {} bytes", words_max, word_max),
        "write a script, and run that");
  }
  std::optional<milliseconds> limit;
  read = t.take("time_limit", limit, 1s, 10min);
  r.time_limit = limit.value_or(r.time_limit);
  return read;
}

result<> read_permissions(const toml_table& t, rule& r) {
  const auto found = t.table("reap");
  if (!found) return failure(found.error());
  const auto permissions = *found;
  if (!permissions) return {};
  if (r.action != rule_action::reap) {
    return t.wrong("reap", "the rule says how to close and does not close", R"(action = "reap")");
  }
  std::string how(to_string(r.may.how));
  auto read =
      permissions->knows_only(reap_keys)
          .and_then([&] { return permissions->take("how", how); })
          .and_then([&] { return permissions->take("even_established", r.may.even_established); })
          .and_then([&] { return permissions->take("free_ports", r.may.free_ports); });
  if (!read) return read;
  const auto way = parse_close_way(how);
  if (!way) {
    return permissions->wrong("how", fmt::format("there is no way '{}'", quotable(how)),
                              "reset or shutdown");
  }
  r.may.how = *way;
  return {};
}

result<> read_action(const toml_table& t, rule& r) {
  std::string name(to_string(r.action));
  auto read = t.take("action", name);
  if (!read) return read;
  const auto action = parse_rule_action(name);
  if (!action) {
    return t.wrong("action", fmt::format("there is no action '{}'", quotable(name)),
                   "report, run or reap");
  }
  r.action = *action;
  if (t.has("time_limit") && r.action != rule_action::run) {
    return t.wrong("time_limit", "the rule runs no command", R"(action = "run")");
  }
  return read_command(t, r).and_then([&] { return read_permissions(t, r); });
}

result<> read_limits(const toml_table& t, rule& r) {
  if (t.has("per_minute") && r.action == rule_action::report) {
    return t.wrong("per_minute", "the rule does nothing that has a limit",
                   R"(action = "run" or "reap")");
  }
  std::optional<std::uint64_t> per_minute;
  std::optional<milliseconds> quiet;
  auto read = t.take("per_minute", per_minute, {.low = 1, .high = 100'000}).and_then([&] {
    return t.take("quiet", quiet, 1s, 24h * 30);
  });
  const auto usual = r.action == rule_action::reap ? usual_reaps : usual_runs;
  r.per_minute = per_minute.value_or(r.action == rule_action::report ? 0 : usual);
  r.quiet = quiet.value_or(r.quiet);
  return read;
}

/// A rule that closes, of whose states none may be closed, would never do anything.
result<> check_closable(const toml_table& t, const rule& r) {
  using tcp::state;
  if (r.action != rule_action::reap || r.selected.states.empty()) return {};
  std::string_view lacks;
  for (const auto s : tcp::all_states) {
    if (!r.selected.states.contains(s)) continue;
    const bool in_use = s == state::established || s == state::syn_sent ||
                        s == state::syn_received || s == state::new_syn_received;
    const bool never = s == state::listen || s == state::bound_inactive || s == state::closed;
    if (in_use && !r.may.even_established) {
      lacks = "reap = { even_established = true } lets it, whoever uses them";
    } else if (s == state::time_wait && !r.may.free_ports) {
      lacks = "reap = { free_ports = true } lets it, where reuse is safe";
    } else if (never) {
      lacks = R"(action = "report")";
    } else {
      return {};
    }
  }
  return t.wrong("select", "the rule closes, and nothing that it selects may be closed",
                 std::string(lacks));
}

result<rule> read_rule(const toml_table& t) {
  rule r;
  auto read = t.knows_only(rule_keys)
                  .and_then([&] { return read_name(t, r); })
                  .and_then([&] { return read_selection(t, r); })
                  .and_then([&] { return read_threshold(t, r); })
                  .and_then([&] { return read_action(t, r); })
                  .and_then([&] { return read_limits(t, r); })
                  .and_then([&] { return check_closable(t, r); });
  if (!read) return failure(std::move(read).error());
  return r;
}

error in_file(const std::string& path, error e) {
  return in_step(fmt::format("policy '{}'", path), std::move(e));
}

}  // namespace

std::string_view to_string(rule_action action) {
  switch (action) {
    case rule_action::report: return "report";
    case rule_action::run: return "run";
    case rule_action::reap: return "reap";
  }
  return "report";
}

std::optional<rule_action> parse_rule_action(std::string_view name) {
  return named_in(all_rule_actions, name);
}

result<policy> parse_policy(std::string_view text) {
  const auto document = config::parse_toml(text, policy_bytes_max, "docs/fix.md");
  if (!document) return failure(document.error());
  const toml_table t(*document);
  policy p;
  std::optional<milliseconds> every;
  auto read = t.knows_only(policy_keys).and_then([&] { return t.take("every", every, 1s, 1h); });
  if (!read) return failure(std::move(read).error());
  p.every = every.value_or(p.every);
  const auto rules = t.tables("rule");
  if (!rules) return failure(rules.error());
  if (rules->empty() || rules->size() > policy::rules_max) {
    return t.wrong("rule", fmt::format("a policy has from 1 to {} rules", policy::rules_max),
                   "[[rule]]");
  }
  p.rules.reserve(rules->size());
  for (const auto& one : *rules) {
    auto r = read_rule(one);
    if (!r) return failure(std::move(r).error());
    if (std::ranges::find(p.rules, r->name, &rule::name) != p.rules.end()) {
      return one.wrong("name", fmt::format("there is another rule '{}'", quotable(r->name)),
                       "what is remembered of a rule goes by its name");
    }
    p.rules.push_back(*std::move(r));
  }
  return p;
}

result<policy> read_policy(const std::string& path) {
  auto text = config::read_trusted_file(path, policy_bytes_max);
  if (!text) {
    auto e = std::move(text).error();
    e.what.insert(0, "policy ");
    if (e.hint.empty()) {
      e.hint = "--policy FILE names another one; docs/fix.md shows how one is written";
    }
    return failure(std::move(e));
  }
  auto read = parse_policy(*text);
  if (!read) return failure(in_file(path, std::move(read).error()));
  return read;
}

}  // namespace waitstate::remedy::guard
