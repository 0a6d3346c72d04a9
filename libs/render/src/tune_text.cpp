#include "waitstate/render/tune_text.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"
#include "waitstate/render/table.h"

namespace waitstate::render {
namespace {

using remedy::first_closer;
using remedy::role_leg;
using remedy::seen_role;
using remedy::tuned;

std::string finished(page& to, const text_style& style) {
  const auto lines = to.take();
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

/// A heading, and what follows stands under it.
void head(page& to, std::string_view text) {
  if (!to.empty()) to.blank();
  to.paragraph(text, ink::bold, "");
}

std::string_view who_closes(const role_leg& leg, std::string_view other) {
  switch (leg.closer) {
    case first_closer::this_host: return "this host closes first";
    case first_closer::other_end: return other;
    case first_closer::both: return "now this host closes first, now the other end";
    case first_closer::unknown: return "nothing shows who closes first";
  }
  return {};
}

std::string counts_of(const role_leg& leg) {
  auto text =
      fmt::format("{} open, {} in TIME-WAIT", grouped(leg.established), grouped(leg.time_wait));
  if (leg.closes_per_second > 0) text += fmt::format(", {} a second", rate(leg.closes_per_second));
  if (leg.fin_wait_2 > 0) text += fmt::format(", {} in FIN-WAIT-2", grouped(leg.fin_wait_2));
  return text;
}

std::string ports_of(const seen_role& r) {
  std::string text;
  for (const auto port : r.ports) text += fmt::format("{}{}", text.empty() ? "" : ", ", port);
  return text;
}

void write_roles(page& to, const remedy::tune_plan& plan, const snapshot& s) {
  if (plan.roles.empty()) return;
  head(to, plan.from_traffic ? "This host is" : "For");
  for (const auto& r : plan.roles) {
    const auto name =
        fmt::format("{}{}{}", to_string(r.role), r.program.empty() ? "" : ": ", r.program);
    to.paragraph(2, name, ink::cyan);
    if (r.taken.total() > 0) {
      to.paragraph(4,
                   fmt::format("takes connections on {}: {} ({})", ports_of(r),
                               who_closes(r.taken, "the clients close first"), counts_of(r.taken)));
    }
    if (r.made.total() == 0 && r.made.closer == first_closer::other_end) {
      to.paragraph(4, "connects: the other end closes first, nothing is left of it here");
    }
    if (r.destinations > 0 && r.tightest) {
      const auto place = s.text_of(r.tightest->destination);
      const auto others = r.destinations > 1 ? fmt::format(" and {} more", r.destinations - 1) : "";
      to.paragraph(4,
                   fmt::format("connects to {}{}: {} ({}); {} of {} ports are free", place, others,
                               who_closes(r.made, "the other end closes first"), counts_of(r.made),
                               grouped(r.tightest->free), grouped(r.tightest->supply.usable())));
    }
  }
}

void write_settings(page& to, const remedy::tune_plan& plan) {
  if (plan.settings.empty()) {
    head(to, "Nothing to change");
    to.paragraph(2, plan.roles.empty() ? "No connection shows what this host is."
                                       : "No setting is in the way of what this host does.");
    return;
  }
  head(to, "Would change");
  for (const auto& p : plan.settings) {
    const auto change =
        p.now == p.value
            ? fmt::format("{}  is {} already: the next boots would set it, too", p.key, p.value)
            : fmt::format("{}  {} -> {}", p.key,
                          p.now ? (p.now->empty() ? "(empty)" : *p.now) : "(not seen)", p.value);
    to.paragraph("  ", ink::plain, change, ink::bold);
    to.paragraph("    why   ", ink::dim, p.why);
    if (!p.risk.empty()) to.paragraph("    risk  ", ink::dim, p.risk);
    to.paragraph("    undo  ", ink::dim,
                 p.now ? "waitstate tune --undo; by hand" : "waitstate tune --undo");
    if (p.now) to.verbatim(10, fmt::format("sysctl -w {}=\"{}\"", p.key, *p.now), ink::plain);
  }
}

void write_refused(page& to, const remedy::tune_plan& plan) {
  if (plan.refused.empty()) return;
  head(to, "Refused, however often it is recommended");
  for (const auto& r : plan.refused) {
    to.paragraph(2, fmt::format("{} ({})", r.key, r.popular), ink::yellow);
    to.paragraph(4, fmt::format("{}. Here: {}", r.why, r.proof));
  }
}

void write_limits(page& to, const std::vector<limit>& limits) {
  if (limits.empty()) return;
  to.blank();
  for (const auto& l : limits) {
    to.paragraph("limit: ", ink::bold,
                 l.hint.empty() ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
}

std::string shown(const std::string& value) {
  return value.empty() ? "(empty)" : value;
}

std::string_view sentence_of(tuned t) {
  switch (t) {
    case tuned::set: return "set";
    case tuned::rolled_back: return "was set, and has its old value again";
    case tuned::not_tried: return "not tried";
    case tuned::failed: return "FAILED";
    case tuned::restored: return "has its old value again";
    case tuned::was_so: return "has its old value already";
    case tuned::changed_by_other: return "left as it is: somebody else has changed it since";
  }
  return {};
}

ink ink_of(tuned t) {
  if (t == tuned::failed) return ink::red;
  if (t == tuned::changed_by_other || t == tuned::rolled_back) return ink::yellow;
  return ink::green;
}

std::string values_of(const remedy::tuned_setting& one) {
  if (one.outcome == tuned::set) return fmt::format("{} -> {}", shown(one.before), shown(one.now));
  if (one.outcome == tuned::changed_by_other) {
    return fmt::format("{}, and was {} before", shown(one.now), shown(one.before));
  }
  return shown(one.now);
}

std::string per_second(const std::optional<double>& value) {
  return value ? rate(*value) : "-";
}

std::string held_text(const remedy::destination_capacity& c) {
  return c.held.count() == 0 ? "0 s" : elapsed(c.held);
}

std::string full_text(const remedy::destination_capacity& c) {
  if (c.full_in) return c.full_in->count() == 0 ? "now" : "in " + elapsed(*c.full_in);
  if (c.full_at_growth) return "in " + elapsed(*c.full_at_growth) + " at this growth";
  return "-";
}

table table_of(const std::vector<remedy::destination_capacity>& all, const snapshot& s) {
  table made;
  const auto add = [&](const table_column& column, auto text) {
    std::vector<std::string> texts;
    texts.reserve(all.size());
    for (const auto& c : all) texts.push_back(text(c));
    made.add(column, std::move(texts));
  };
  using capacity = remedy::destination_capacity;
  add({.title = "TO", .narrowest = 16},
      [&](const capacity& c) { return s.text_of(c.destination); });
  add({.title = "BY", .narrowest = 8, .droppable = 3, .may_be_missing = true},
      [](const capacity& c) { return c.program.empty() ? "-" : c.program; });
  add({.title = "PORTS", .numeric = true, .droppable = 2},
      [](const capacity& c) { return grouped(c.ports); });
  add({.title = "IN USE", .numeric = true}, [](const capacity& c) { return grouped(c.in_use); });
  add({.title = "HELD", .numeric = true, .droppable = 1}, held_text);
  add({.title = "NOW/S", .numeric = true}, [](const capacity& c) { return rate(c.rate); });
  add({.title = "BEARS/S", .numeric = true},
      [](const capacity& c) { return per_second(c.bearable); });
  add({.title = "REUSE/S", .numeric = true, .may_be_missing = true},
      [](const capacity& c) { return per_second(c.with_reuse); });
  add({.title = "WIDER/S", .numeric = true, .droppable = 4, .may_be_missing = true},
      [](const capacity& c) { return per_second(c.with_wide_range); });
  add({.title = "FULL", .may_be_missing = true}, full_text);
  return made;
}

}  // namespace

std::string to_text(const remedy::tune_plan& plan, const snapshot& s, std::string_view command,
                    const text_style& style) {
  page to(style.width);
  write_roles(to, plan, s);
  write_settings(to, plan);
  if (!plan.better.empty()) {
    head(to, "Better than any setting");
    for (const auto& text : plan.better) to.paragraph("  - ", ink::plain, text);
  }
  write_refused(to, plan);
  write_limits(to, plan.limits);
  if (!plan.settings.empty() && !command.empty()) {
    to.blank();
    to.paragraph(0, "Nothing was changed. To do it:");
    to.verbatim(2, fmt::format("{} --apply", command), ink::cyan);
  }
  return finished(to, style);
}

std::string to_text(const remedy::tune_outcome& outcome, std::string_view undo,
                    const text_style& style) {
  page to(style.width);
  for (const auto& one : outcome.settings) {
    to.paragraph(fmt::format("{}  ", one.key), ink_of(one.outcome),
                 fmt::format("{}: {}", sentence_of(one.outcome), values_of(one)));
  }
  if (outcome.file_outcome) {
    const auto done = *outcome.file_outcome;
    const auto text = done == tuned::set        ? "written: the next boots set the same"
                      : done == tuned::restored ? "is as it was before"
                      : done == tuned::was_so   ? "is as it was before already"
                                                : sentence_of(done);
    to.paragraph(fmt::format("{}  ", outcome.file), ink_of(done), text);
  }
  if (!outcome.journal.empty()) {
    to.blank();
    to.paragraph(0, fmt::format("What undoes it is in {}:", outcome.journal));
    to.verbatim(2, undo, ink::cyan);
  }
  return finished(to, style);
}

std::string to_text(const remedy::settings_audit& audit, const text_style& style) {
  page to(style.width);
  to.paragraph("Judged ", ink::bold,
               fmt::format("{}, of which files set {} at the next boot; {} to look at",
                           counted(audit.judged, "setting"), audit.set_at_boot,
                           counted(audit.troubles.size(), "thing")));
  for (const auto& t : audit.troubles) {
    to.blank();
    to.paragraph(
        fmt::format("{}  ", t.key), ink::yellow,
        fmt::format("{} (now {})", to_string(t.trouble), t.now ? shown(*t.now) : "not here"));
    to.paragraph(2, t.why);
  }
  if (!audit.unread.empty()) to.blank();
  for (const auto& line : audit.unread) {
    to.paragraph(fmt::format("{}:{}  ", line.path, line.line), ink::yellow,
                 fmt::format("not understood: {}", line.why));
  }
  if (audit.unread_more > 0) {
    to.paragraph(0, fmt::format("{} more that were not understood", grouped(audit.unread_more)),
                 ink::dim);
  }
  write_limits(to, audit.limits);
  return finished(to, style);
}

std::string to_text(const std::vector<remedy::destination_capacity>& capacity, const snapshot& s,
                    const text_style& style) {
  page to(style.width);
  if (capacity.empty()) {
    to.paragraph(0, "This host makes no connections now: there is nothing to tell a rate from.");
    return finished(to, style);
  }
  const auto rows = table_of(capacity, s);
  auto fitted = rows;
  fitted.fit(to.width());
  to.add(fitted.width() <= to.width() ? fitted.lines() : rows.stacked(to.width()));
  to.blank();
  const auto& first = capacity.front();
  if (first.bearable) {
    to.paragraph(0, fmt::format("{} of {} ports held {} each: {} connections a second to {} can be "
                                "borne; each more address at either end adds {}",
                                grouped(first.ports - std::min(first.ports, first.open)),
                                grouped(first.ports), held_text(first), rate(*first.bearable),
                                s.text_of(first.destination), per_second(first.each_address)));
  } else {
    to.paragraph(0,
                 fmt::format("To {} the other end closes first, or connections are kept: a port is "
                             "free at its close, and {} connections may be open at once",
                             s.text_of(first.destination), grouped(first.ports)));
  }
  if (std::ranges::any_of(capacity, [](const auto& c) { return c.with_reuse.has_value(); })) {
    to.paragraph(0,
                 "REUSE/S is where the other end has TCP time stamps, too: without them "
                 "tcp_tw_reuse takes no port over.",
                 ink::dim);
  }
  write_limits(to, s.limits);
  return finished(to, style);
}

}  // namespace waitstate::render
