#include "processes_pane.h"

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sparkline.h"
#include "waitstate/base/text.h"
#include "words.h"

namespace waitstate::view {
namespace {

constexpr std::size_t gauge_width = 10;

/// The sockets of a process that are selected.
struct held {
  std::uint64_t sockets = 0;
  std::uint64_t close_wait = 0;
  double closes_per_second = 0;
  double growth_per_second = 0;
};

std::map<std::uint32_t, held> held_by_process(const snapshot& s, const socket_selector& filter) {
  std::map<std::uint32_t, held> by_process;
  const bool takes_all = filter == socket_selector{};
  for (const auto& g : s.groups) {
    if (g.key.owner.kind != ownership::owned || (!takes_all && !matches(filter, g, s))) continue;
    auto& h = by_process[g.key.owner.process];
    h.growth_per_second += g.growth_per_second.value_or(0);
    if (g.key.state == tcp::state::time_wait) {
      h.closes_per_second += g.closes_per_second();
      continue;
    }
    h.sockets += g.count;
    if (g.key.state == tcp::state::close_wait) h.close_wait += g.count;
  }
  for (const auto& l : s.listeners) {
    if (l.owner.kind != ownership::owned || (!takes_all && !matches(filter, l, s))) continue;
    ++by_process[l.owner.process].sockets;
  }
  return by_process;
}

double share_of_limit(const process& p) {
  if (!p.fd_count || !p.fd_limit || *p.fd_limit == 0) return 0;
  return static_cast<double>(*p.fd_count) / static_cast<double>(*p.fd_limit);
}

render::ink ink_of(double share) {
  if (share >= 0.9) return render::ink::red;
  return share >= 0.7 ? render::ink::yellow : render::ink::plain;
}

std::string or_dash(std::string text) {
  return text.empty() ? "-" : std::move(text);
}

pane_row row_of(const process& p, const held& h) {
  const auto used = share_of_limit(p);
  const auto fds = static_cast<double>(p.fd_count.value_or(0));
  pane_row row{.key = fmt::format("{}|{}", p.pid, p.name)};
  row.sockets = socket_selector{.process = p.pid > 0 ? fmt::format("{}", p.pid) : p.name};
  row.cells.push_back({.text = process_word(p)});
  row.cells.push_back({.text = h.closes_per_second > 0 ? rate(h.closes_per_second) : "-",
                       .order = h.closes_per_second});
  row.cells.push_back({.text = grouped(h.sockets), .order = static_cast<double>(h.sockets)});
  row.cells.push_back({.text = h.close_wait > 0 ? grouped(h.close_wait) : "-",
                       .order = static_cast<double>(h.close_wait),
                       .ink = h.close_wait > 0 ? render::ink::yellow : render::ink::plain});
  row.cells.push_back({.text = p.fd_count ? grouped(*p.fd_count) : "-", .order = fds});
  row.cells.push_back({.text = p.fd_limit ? grouped(*p.fd_limit) : "-"});
  row.cells.push_back({.text = p.fd_count && p.fd_limit ? gauge(used, 1, gauge_width) : "-",
                       .order = used,
                       .ink = ink_of(used)});
  const auto growth = p.fd_growth_per_second.value_or(0);
  row.cells.push_back({.text = or_dash(growth_word(growth)), .order = growth});
  return row;
}

}  // namespace

pane processes_pane(const snapshot& s, const socket_selector& filter) {
  pane made{
      .title = "Processes",
      .columns =
          {{.title = "PROCESS"},
           {.title = "CLOSES/S", .width = 8, .numeric = true, .is_ordered = true},
           {.title = "SOCKETS", .width = 7, .numeric = true, .droppable = 1, .is_ordered = true},
           {.title = "CLOSE-WAIT",
            .width = 10,
            .numeric = true,
            .droppable = 2,
            .is_ordered = true},
           {.title = "FDS", .width = 7, .numeric = true, .is_ordered = true},
           {.title = "LIMIT", .width = 9, .numeric = true, .droppable = 4},
           {.title = "OF LIMIT", .width = gauge_width, .droppable = 5, .is_ordered = true},
           {.title = "GROWTH", .width = 8, .numeric = true, .droppable = 3, .is_ordered = true}},
      .nothing = "No process that holds a socket is seen."};
  for (const auto& [index, h] : held_by_process(s, filter)) {
    if (index < s.processes.size()) made.rows.push_back(row_of(s.processes[index], h));
  }
  sort_rows(made.rows, [](const pane_row& a, const pane_row& b) {
    // By closes, then by descriptors.
    const auto closes = a.cells[1].order - b.cells[1].order;
    return closes != 0 ? closes > 0 : a.cells[4].order > b.cells[4].order;
  });
  made.counted = made.rows.size();
  if (made.rows.size() > pane_rows_max) made.rows.resize(pane_rows_max);
  return made;
}

}  // namespace waitstate::view
