#include "waitstate/render/guard_text.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/render/clean.h"

namespace waitstate::render {
namespace {

using namespace remedy::guard;
using std::chrono::milliseconds;

/// Names and outputs may be from anywhere; a line stays one.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return clean(text);
}

const rule* rule_of(const policy& p, const std::string& name) {
  const auto at = std::ranges::find(p.rules, name, &rule::name);
  return at == p.rules.end() ? nullptr : &*at;
}

std::string place_of(const sighting& s) {
  return s.namespace_name.empty() ? std::string() : fmt::format(" in {}", s.namespace_name);
}

std::string beginning(const policy& p, const notice& n) {
  const auto& s = n.seen;
  const auto* const r = rule_of(p, n.rule);
  auto text = fmt::format("{}{}: {} that {} selects", to_string(s.who), place_of(s),
                          counted(s.count, "socket"), r == nullptr ? "" : to_text(r->selected));
  if (s.oldest_ms) text += fmt::format(", the oldest for {}", elapsed(milliseconds(*s.oldest_ms)));
  if (r != nullptr && r->when.pool) {
    text += fmt::format("; {} of a pool of {}", share(s.count, r->when.pool->size),
                        grouped(r->when.pool->size));
  }
  if (s.fd_limit) text += fmt::format("; its limit is {} descriptors", grouped(*s.fd_limit));
  if (s.ports_left) text += fmt::format("; {} left", counted(*s.ports_left, "port"));
  if (r != nullptr && r->action == rule_action::reap && s.closable < s.count) {
    text += fmt::format("; only {} of them may be closed", grouped(s.closable));
  }
  return text;
}

std::string ending(const notice& n) {
  const auto time =
      n.lasted.count() == 0 ? std::string("seen once") : fmt::format("after {}", elapsed(n.lasted));
  auto text = fmt::format("{}, {}; {} at the worst", to_string(n.seen.who), time,
                          counted(n.most, "socket"));
  if (n.closed > 0) text += fmt::format(", {} closed by this rule", grouped(n.closed));
  if (!n.why.empty()) text += fmt::format(" ({})", n.why);
  return text;
}

std::string stopping(const policy& p, const notice& n) {
  const auto* const r = rule_of(p, n.rule);
  return fmt::format(
      "closing {} of {} would pass its limit of {} a minute ({} were closed in the last one); it "
      "closes "
      "nothing more until somebody has looked: SIGHUP or --resume lets it go on",
      counted(n.seen.closable, "socket"), to_string(n.seen.who),
      grouped(r == nullptr ? 0 : r->per_minute), grouped(n.closed));
}

std::string text_of(const remedy::reap_outcome& done, std::uint64_t to_close, const sighting& s) {
  auto text = fmt::format("closed {} of {} of {}{}", grouped(done.closed()),
                          counted(to_close, "socket"), to_string(s.who), place_of(s));
  if (done.descriptors_left > 0) {
    text +=
        fmt::format("; {} still held by the program", counted(done.descriptors_left, "descriptor"));
  }
  if (done.interrupted) text += "; it was interrupted";
  return text;
}

std::string text_of(const threshold& when) {
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : " and ") + one; };
  if (when.count) add(fmt::format("{} of one owner", counted(*when.count, "socket")));
  if (when.older) add(fmt::format("one of {}", elapsed(*when.older)));
  if (when.descriptors_percent) {
    add(fmt::format("{} % of the owner's descriptors", *when.descriptors_percent));
  }
  if (when.pool) {
    add(fmt::format("{} % of a pool of {}", when.pool->percent, grouped(when.pool->size)));
  }
  if (when.ports_left) {
    add(fmt::format("under {} left to a destination", counted(*when.ports_left, "port")));
  }
  return text;
}

std::string text_of_action(const rule& r) {
  if (r.action == rule_action::report) return "reports";
  if (r.action == rule_action::run) {
    std::vector<std::string> words;
    words.reserve(r.command.size());
    for (const auto& word : r.command) words.push_back(shell_quoted(word));
    return fmt::format("runs {}, {} a minute at most", fmt::join(words, " "), r.per_minute);
  }
  return fmt::format("closes them ({}), {} a minute at most{}{}", to_string(r.may.how),
                     grouped(r.per_minute),
                     r.may.even_established ? "; ALSO CONNECTIONS THAT MAY BE IN USE" : "",
                     r.may.free_ports ? "; also TIME-WAIT, where reuse is safe" : "");
}

}  // namespace

std::string to_line(const policy& p, const notice& n) {
  const auto text = n.what == happening::begins ? beginning(p, n)
                    : n.what == happening::ends ? ending(n)
                                                : stopping(p, n);
  return one_line(fmt::format("{} {}: {}", n.rule, to_string(n.what), text));
}

std::string to_line(const policy& p, const deed& d, const deed_outcome& became) {
  const auto& r = p.rules[d.rule];
  if (became.reaped) {
    return one_line(
        fmt::format("{}: {}", r.name, text_of(*became.reaped, became.to_close, d.seen)));
  }
  if (!became.command) return one_line(fmt::format("{}: nothing was done", r.name));
  auto text = fmt::format("{}: ran {} for {}: {}", r.name, r.command.front(), to_string(d.seen.who),
                          to_string(*became.command));
  if (!became.command->output.empty()) {
    text += fmt::format(": {}", quotable(became.command->output, 200));
  }
  return one_line(std::move(text));
}

std::string to_line(const policy& p, const deed& d) {
  const auto& r = p.rules[d.rule];
  return one_line(r.action == rule_action::reap
                      ? fmt::format("{}: would close {} of {}{}", r.name,
                                    counted(d.at_most, "socket"), to_string(d.seen.who),
                                    place_of(d.seen))
                      : fmt::format("{}: would run {} for {}{}", r.name, r.command.front(),
                                    to_string(d.seen.who), place_of(d.seen)));
}

std::string to_line(const std::string& rule, const error& trouble) {
  auto text = fmt::format("{}: {}", rule, trouble.what);
  if (!trouble.hint.empty()) text += fmt::format(" (hint: {})", trouble.hint);
  return one_line(std::move(text));
}

std::string to_text(const policy& p) {
  auto text =
      fmt::format("{}, a look every {}\n", counted(p.rules.size(), "rule"), elapsed(p.every));
  for (const auto& r : p.rules) {
    text += one_line(fmt::format("{}: {}{}", r.name, to_text(r.selected),
                                 r.net_namespace.empty()
                                     ? std::string()
                                     : fmt::format(" in the namespace {}", r.net_namespace)));
    text += fmt::format("\n  from {} on, until {} of quiet\n  {}\n", text_of(r.when),
                        elapsed(r.quiet), one_line(text_of_action(r)));
  }
  return text;
}

}  // namespace waitstate::render
