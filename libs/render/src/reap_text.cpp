#include "waitstate/render/reap_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/cells.h"
#include "waitstate/render/ink.h"
#include "waitstate/render/page.h"
#include "waitstate/render/table.h"

namespace waitstate::render {
namespace {

using remedy::close_way;
using remedy::reap_group;
using remedy::reap_plan;
using tcp::state;

constexpr std::size_t rows_max = 20;

std::string where_cell(const reap_group& g) {
  if (g.side == direction::outbound) return "to " + to_string(g.end);
  return fmt::format("{} port {}", g.side == direction::inbound ? "at" : "local", g.end.port);
}

std::string owner_cell(const reap_plan& plan, const reap_group& g) {
  return g.owner ? to_string(plan.owners[*g.owner]) : "-";
}

std::string namespace_cell(const reap_plan& plan, const reap_group& g) {
  const auto& ns = plan.namespaces[g.net_namespace];
  return ns.name.empty() ? fmt::format("net:[{}]", ns.inode) : ns.name;
}

std::string age_cell(const reap_group& g) {
  if (!g.youngest_ms || !g.oldest_ms) return "-";
  const auto youngest = elapsed(std::chrono::milliseconds(*g.youngest_ms));
  const auto oldest = elapsed(std::chrono::milliseconds(*g.oldest_ms));
  return youngest == oldest ? oldest : fmt::format("{} - {}", youngest, oldest);
}

table table_of(const reap_plan& plan, std::span<const reap_group> groups) {
  table made;
  const auto add = [&](const table_column& column, auto text) {
    std::vector<std::string> texts;
    texts.reserve(groups.size());
    for (const auto& g : groups) texts.push_back(text(g));
    made.add(column, std::move(texts));
  };
  add({.title = "COUNT", .numeric = true}, [](const reap_group& g) { return grouped(g.count); });
  if (plan.namespaces.size() > 1) {
    add({.title = "NAMESPACE", .narrowest = 9},
        [&](const reap_group& g) { return namespace_cell(plan, g); });
  }
  add({.title = "STATE", .narrowest = 11},
      [](const reap_group& g) { return std::string(to_string(g.state)); });
  add({.title = "WHERE", .narrowest = 20}, where_cell);
  add({.title = "OWNER", .narrowest = 14, .may_be_missing = true},
      [&](const reap_group& g) { return owner_cell(plan, g); });
  add({.title = "AGE", .numeric = true, .may_be_missing = true}, age_cell);
  add({.title = "UNREAD", .numeric = true, .droppable = 1},
      [](const reap_group& g) { return g.unread_bytes == 0 ? "0" : bytes(g.unread_bytes); });
  return made;
}

/// What the program that holds such a socket sees afterwards: docs/fix.md, "What it does to the
/// program".
std::string_view what_the_owner_sees(state s, close_way how) {
  if (s == state::time_wait) return {};
  if (how == close_way::shutdown) {
    return "its owner's next read returns the end, its next write fails with EPIPE (and SIGPIPE "
           "unless "
           "that is ignored); the peer gets a FIN";
  }
  if (s == state::close_wait) {
    return "its owner's next read returns the end, its next write fails with ECONNABORTED, later "
           "ones with EPIPE (and SIGPIPE unless that is ignored); an event loop is woken and often "
           "closes the descriptor";
  }
  const bool is_open = s == state::established || s == state::syn_sent || s == state::syn_received;
  if (is_open) return "a blocked call of its owner fails with ECONNABORTED; the peer gets a reset";
  return "its owner, if it has not closed it yet, sees its end; the peer gets a reset where it is "
         "still there";
}

void write_what_owners_see(page& to, const reap_plan& plan, close_way how) {
  std::set<std::string_view> said;
  for (const auto& g : plan.groups) {
    const auto text = what_the_owner_sees(g.state, how);
    if (text.empty() || !said.insert(text).second) continue;
    to.paragraph(fmt::format("{}: ", to_string(g.state)), ink::bold, text);
  }
}

std::uint64_t held(const reap_plan& plan) {
  std::uint64_t count = 0;
  for (const auto& g : plan.groups) count += g.owner ? g.count : 0;
  return count;
}

void write_table(page& to, const reap_plan& plan) {
  if (plan.groups.empty()) return;
  const auto shown = std::min(rows_max, plan.groups.size());
  const auto rows = table_of(plan, std::span(plan.groups).first(shown));
  auto fitted = rows;
  fitted.fit(to.width());
  to.blank();
  to.add(fitted.width() <= to.width() ? fitted.lines() : rows.stacked(to.width()));
  std::uint64_t rest = plan.not_grouped;
  for (const auto& g : std::span(plan.groups).subspan(shown)) rest += g.count;
  if (rest > 0) {
    to.paragraph(0, fmt::format("{} in other rows", counted(rest, "socket")), ink::dim);
  }
}

void write_left_alone(page& to, const reap_plan& plan) {
  if (plan.left.empty()) return;
  to.blank();
  for (const auto& [why, count] : plan.left) {
    to.paragraph("Left alone ", ink::bold,
                 fmt::format("{}: {}", grouped(count), remedy::reason_of(why)));
  }
}

void write_limits(page& to, const reap_plan& plan) {
  for (const auto& l : plan.limits) {
    to.paragraph("limit: ", ink::bold,
                 l.hint.empty() ? l.text : fmt::format("{} ({})", l.text, l.hint));
  }
}

void write_plan(page& to, const reap_plan& plan, const remedy::reap_options& options,
                std::string_view command) {
  to.paragraph("Would close ", ink::bold,
               fmt::format("{} of {} that {} selects", grouped(plan.to_close),
                           counted(plan.found, "socket"), plan.selection));
  write_table(to, plan);
  if (plan.to_close > 0) {
    to.blank();
    write_what_owners_see(to, plan, options.may.how);
    if (const auto descriptors = held(plan); descriptors > 0) {
      to.paragraph(
          "Not freed: ", ink::bold,
          fmt::format("{}, which only the program can close", counted(descriptors, "descriptor")));
    }
    if (plan.to_close > options.at_most) {
      to.paragraph("Bound: ", ink::bold,
                   fmt::format("no more than {} at once; --max {} would be all",
                               grouped(options.at_most), plan.to_close));
    }
  }
  write_left_alone(to, plan);
  to.blank();
  if (plan.to_close == 0) {
    to.paragraph(0, plan.found == 0 ? "No socket is selected: nothing to close."
                                    : "Nothing of what is selected may be closed.");
    return;
  }
  to.paragraph(0, "Nothing was closed. To do it:");
  to.verbatim(2, fmt::format("{} --apply", command), ink::cyan);
}

void write_outcome(page& to, const reap_plan& plan, const remedy::reap_outcome& done) {
  const auto closed = done.closed();
  to.paragraph("Closed ", closed > 0 ? ink::green : ink::bold,
               fmt::format("{} of {} that {} selects", grouped(closed),
                           counted(plan.found, "socket"), plan.selection));
  const auto say = [&](remedy::reaped r, std::string_view text) {
    const auto at = done.targets.find(r);
    if (at != done.targets.end()) to.paragraph(2, fmt::format("{} {}", grouped(at->second), text));
  };
  if (done.under_lock > 0) {
    to.paragraph(2,
                 fmt::format("{} under their lock: none was used between the last look and its end",
                             grouped(done.under_lock)));
  }
  say(remedy::reaped::gone, "had been closed meanwhile, by their program or by the kernel");
  say(remedy::reaped::changed, "were not what is selected any more when their turn came");
  say(remedy::reaped::refused, "could not be closed: the kernel does not permit it");
  say(remedy::reaped::failed, "could not be closed");
  if (done.not_tried > 0) {
    to.paragraph(2, fmt::format("{} were not tried{}", grouped(done.not_tried),
                                done.interrupted ? ": it was interrupted"
                                : done.trouble   ? ""
                                                 : ": past the bound of --max"));
  }
  if (done.ports_back > 0) {
    to.paragraph(
        2, fmt::format("{} can be connected from again", counted(done.ports_back, "local port")));
  }
  if (done.descriptors_left > 0) {
    to.paragraph(2, fmt::format("{} still lead to closed sockets: only their program can close "
                                "these, or its end",
                                counted(done.descriptors_left, "descriptor")));
  }
  write_left_alone(to, plan);
}

}  // namespace

std::string to_text(const remedy::reap_plan& plan, const remedy::reap_options& options,
                    const std::optional<remedy::reap_outcome>& outcome, std::string_view command,
                    const text_style& style) {
  page to(style.width);
  if (outcome) {
    write_outcome(to, plan, *outcome);
  } else {
    write_plan(to, plan, options, command);
  }
  write_limits(to, plan);
  const auto lines = to.take();
  return style.colour ? ansi_text(lines) : plain_text(lines);
}

}  // namespace waitstate::render
