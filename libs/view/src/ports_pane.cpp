#include "ports_pane.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sparkline.h"
#include "waitstate/base/text.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/render/clean.h"
#include "words.h"

namespace waitstate::view {
namespace {

using diagnosis::port_headroom;
/// Namespace, source address, destination: what ports are counted for.
using destination = std::tuple<std::uint32_t, tcp::address, tcp::endpoint>;
using slots = std::array<std::uint64_t, std::tuple_size_v<decltype(socket_group::closed_in_slot)>>;

constexpr std::size_t gauge_width = 10;

/// Closes to each destination that is selected, in the last twelve times five seconds.
std::map<destination, slots> closes_by_destination(const snapshot& s,
                                                   const socket_selector& filter) {
  std::map<destination, slots> closes;
  const bool takes_all = filter == socket_selector{};
  for (const auto& g : s.groups) {
    if (!diagnosis::has_destination(s, g) || g.key.remote.port == 0) continue;
    if (!takes_all && !matches(filter, g, s)) continue;
    auto& sums = closes[{g.key.net_namespace, g.key.local.address, g.key.remote}];
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += g.closed_in_slot[i];
  }
  return closes;
}

/// The oldest first.
std::string sparkline_of(const slots& closes) {
  if (std::ranges::all_of(closes, [](std::uint64_t n) { return n == 0; })) return {};
  std::vector<std::optional<double>> values;
  values.reserve(closes.size());
  for (std::size_t i = closes.size(); i > 0; --i) {
    values.emplace_back(static_cast<double>(closes[i - 1]));
  }
  return sparkline(values);
}

render::ink ink_of(const port_headroom& h) {
  if (h.is_exhausted()) return render::ink::red;
  return h.exhausted_in || h.scans_both_parities() ? render::ink::yellow : render::ink::plain;
}

std::string empty_in(const port_headroom& h) {
  if (h.free == 0) return "empty";
  return h.exhausted_in ? age_word(*h.exhausted_in) : "-";
}

socket_selector selector_of(const snapshot& s, const port_headroom& h) {
  socket_selector made{.direction = direction::outbound};
  if (auto peer = parse_peer(s.text_of(h.destination)); peer) made.peer = *std::move(peer);
  return made;
}

pane_row row_of(const snapshot& s, const port_headroom& h, const slots& closes, bool has_siblings) {
  auto where = render::clean(s.text_of(h.destination));
  if (has_siblings) where += " from " + s.text_of(h.source);
  const auto ink = ink_of(h);
  const auto usable = h.supply.usable();
  const auto soon = h.exhausted_in ? 1.0 / (1.0 + static_cast<double>(h.exhausted_in->count())) : 0;
  pane_row row{.key = fmt::format("{}|{}|{}", h.net_namespace, s.text_of(h.source), where)};
  row.sockets = selector_of(s, h);
  row.cells.push_back({.text = where});
  row.cells.push_back({.text = grouped(h.free), .order = -static_cast<double>(h.free), .ink = ink});
  row.cells.push_back(
      {.text = gauge(static_cast<double>(h.used()), static_cast<double>(usable), gauge_width),
       .order = static_cast<double>(h.used()),
       .ink = ink});
  row.cells.push_back({.text = sparkline_of(closes), .ink = render::ink::cyan});
  row.cells.push_back(
      {.text = h.recent_closes_per_second > 0 ? rate(h.recent_closes_per_second) : "-",
       .order = h.recent_closes_per_second});
  row.cells.push_back({.text = empty_in(h), .order = soon, .ink = ink});
  row.cells.push_back({.text = owner_word(s, h.owner)});
  return row;
}

}  // namespace

pane ports_pane(const snapshot& s, const socket_selector& filter) {
  pane made{
      .title = "Ports",
      .columns =
          {{.title = "DESTINATION"},
           {.title = "PORTS LEFT", .width = 10, .numeric = true, .is_ordered = true},
           {.title = "IN USE", .width = gauge_width, .droppable = 3, .is_ordered = true},
           {.title = "CLOSES, 60 s", .width = 12, .droppable = 1},
           {.title = "CLOSES/S", .width = 8, .numeric = true, .droppable = 2, .is_ordered = true},
           {.title = "EMPTY IN", .width = 9, .numeric = true, .is_ordered = true},
           {.title = "WHO", .width = 18, .droppable = 4}},
      .nothing = "No connection of this host counts against a destination."};
  const auto closes = closes_by_destination(s, filter);
  const diagnosis::port_table ports(s);
  const auto headrooms = diagnosis::headrooms_of(s, ports, pane_rows_max);
  std::map<std::pair<std::uint32_t, tcp::endpoint>, int> sources;
  for (const auto& h : headrooms) ++sources[{h.net_namespace, h.destination}];
  for (const auto& h : headrooms) {
    const auto found = closes.find({h.net_namespace, h.source, h.destination});
    if (found == closes.end()) continue;
    const bool has_siblings = sources[{h.net_namespace, h.destination}] > 1;
    made.rows.push_back(row_of(s, h, found->second, has_siblings));
  }
  made.counted = made.rows.size();
  return made;
}

}  // namespace waitstate::view
