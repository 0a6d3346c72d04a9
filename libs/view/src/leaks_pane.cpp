#include "leaks_pane.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/render/clean.h"
#include "waitstate/snapshot/grouping.h"
#include "words.h"

namespace waitstate::view {
namespace {

/// One side has closed and the other has not, or not been heard.
constexpr tcp::state_set half_closed{tcp::state::close_wait, tcp::state::fin_wait_1,
                                     tcp::state::fin_wait_2, tcp::state::last_ack,
                                     tcp::state::closing};

/// What the filter leaves of them; nothing where it means other states.
std::optional<socket_selector> half_closed_of(socket_selector filter) {
  filter.states = filter.states_to_list() & half_closed;
  if (filter.states.empty()) return std::nullopt;
  return filter;
}

std::string where_of(const group_row& row) {
  const auto peer =
      row.peer.empty() && row.peers > 0 ? counted(row.peers, "peer") : render::clean(row.peer);
  if (row.direction == direction::inbound && !row.local.empty()) {
    return "at " + row.local;
  }
  if (row.direction == direction::outbound) return "to " + (peer.empty() ? "-" : peer);
  return peer.empty() ? "-" : "with " + peer;
}

/// Of a CLOSE-WAIT the FIN counts as a byte until the program has read up to it.
std::string unread_of(const group_row& row) {
  const auto& g = row.group;
  if (g.with_queues == 0) return "-";
  if (g.receive_queue_more > 0) return bytes(g.receive_queue_bytes);
  return g.receive_queue_one > 0 ? "FIN" : "nothing";
}

socket_selector selector_of(const group_row& row) {
  socket_selector made;
  made.states.insert(row.group.key.state);
  made.direction = row.direction;
  if (row.owner_process != nullptr) {
    made.process = row.owner_process->pid > 0 ? fmt::format("{}", row.owner_process->pid)
                                              : row.owner_process->name;
  }
  if (row.direction == direction::inbound) {
    const auto port = row.group.key.local.port;
    if (port != 0) made.local_port = port;
  } else if (!row.peer.empty()) {
    if (auto peer = parse_peer(row.peer); peer) made.peer = *std::move(peer);
  }
  return made;
}

/// A minute is long for a program that closes; what is younger may be on its way.
render::ink ink_of(const group_row& row) {
  const bool is_old = row.group.age_max_ms >= 60'000;
  return is_old && row.group.key.state == tcp::state::close_wait ? render::ink::yellow
                                                                 : render::ink::plain;
}

pane_row row_of(const group_row& row) {
  const auto& g = row.group;
  const bool knows_age = g.age.known() > 0;
  const auto who = row.owner_process != nullptr ? process_word(*row.owner_process)
                   : row.owner.empty()          ? "-"
                                                : row.owner;
  const auto state = std::string(to_string(g.key.state));
  const auto where = where_of(row);
  pane_row made{.key = fmt::format("{}|{}|{}|{}", state, who,
                                   row.direction == direction::inbound ? row.local : row.peer,
                                   row.net_namespace)};
  made.sockets = selector_of(row);
  made.cells.push_back({.text = knows_age ? age_word(std::chrono::milliseconds(g.age_max_ms)) : "-",
                        .order = knows_age ? g.age_max_ms : -1.0,
                        .ink = ink_of(row)});
  made.cells.push_back({.text = grouped(g.count), .order = static_cast<double>(g.count)});
  made.cells.push_back({.text = state});
  made.cells.push_back({.text = who});
  made.cells.push_back({.text = where});
  made.cells.push_back(
      {.text = unread_of(row), .order = static_cast<double>(g.receive_queue_bytes)});
  const auto growth = g.growth_per_second.value_or(0);
  const auto grows = growth_word(growth);
  made.cells.push_back({.text = grows.empty() ? "-" : grows,
                        .order = growth,
                        .ink = growth > 0 ? render::ink::yellow : render::ink::plain});
  return made;
}

/// Descriptors of sockets that the kernel has in no table any more.
pane_row ghosts_of(const process& p) {
  const auto count = p.ghost_sockets.value_or(0);
  const auto growth = p.ghost_growth_per_second.value_or(0);
  pane_row made{.key = fmt::format("ghost|{}|{}", p.pid, p.name)};
  made.sockets = socket_selector{.process = fmt::format("{}", p.pid)};
  made.cells.push_back({.text = "-", .order = -1});
  made.cells.push_back({.text = grouped(count), .order = static_cast<double>(count)});
  made.cells.push_back({.text = "ghost"});
  made.cells.push_back({.text = process_word(p)});
  made.cells.push_back({.text = "in no table of the kernel"});
  made.cells.push_back({.text = "-"});
  const auto grows = growth_word(growth);
  made.cells.push_back({.text = grows.empty() ? "-" : grows, .order = growth});
  return made;
}

/// A ghost has an owner and nothing else to be selected by.
bool may_be_ghost_of(const socket_selector& filter, const process& p) {
  auto rest = filter;
  const auto wanted = std::exchange(rest.process, {});
  if (rest != socket_selector{}) return false;
  return wanted.empty() || wanted == p.name || wanted == fmt::format("{}", p.pid);
}

}  // namespace

pane leaks_pane(const snapshot& s, const socket_selector& filter) {
  pane made{
      .title = "Leaks",
      .columns =
          {{.title = "OLDEST", .width = 10, .numeric = true, .is_ordered = true},
           {.title = "SOCKETS", .width = 7, .numeric = true, .is_ordered = true},
           {.title = "STATE", .width = 10, .droppable = 2},
           {.title = "WHO", .width = 17},
           {.title = "WHERE", .droppable = 1},
           {.title = "UNREAD", .width = 8, .numeric = true, .droppable = 3, .is_ordered = true},
           {.title = "GROWTH", .width = 8, .numeric = true, .droppable = 4, .is_ordered = true}},
      .nothing = "No connection is half closed, and every descriptor has its socket."};
  if (const auto selected = half_closed_of(filter)) {
    for (const auto& row : group_sockets(s, {}, *selected).rows) {
      made.rows.push_back(row_of(row));
    }
  }
  for (const auto& p : s.processes) {
    if (p.ghost_sockets.value_or(0) > 0 && may_be_ghost_of(filter, p)) {
      made.rows.push_back(ghosts_of(p));
    }
  }
  sort_rows(made.rows, [](const pane_row& a, const pane_row& b) {
    return a.cells[0].order > b.cells[0].order;
  });
  made.counted = made.rows.size();
  if (made.rows.size() > pane_rows_max) made.rows.resize(pane_rows_max);
  return made;
}

}  // namespace waitstate::view
