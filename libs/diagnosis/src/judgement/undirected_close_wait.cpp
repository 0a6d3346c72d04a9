#include "judgement/undirected_close_wait.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "judgement/accept_queue.h"
#include "judgement/close_wait_piles.h"
#include "judgement/direction.h"
#include "judgement/most_first.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// Looks at a count before "at every look" means anything.
constexpr std::size_t looks_min = 5;
/// Regular calls differ by this factor between two looks at the most; leaks come in bursts.
constexpr std::uint64_t unevenness_max = 4;
/// Handshakes last a round trip: so many at once, and one for a hundred in CLOSE-WAIT, are waiting.
constexpr std::uint64_t handshakes_min = 10;
constexpr std::uint64_t handshake_parts = 100;

struct addresses {
  std::set<tcp::address> remote;
  std::set<tcp::address> local;
};

void gather(undirected_close_wait& u, addresses& seen, const socket_group& g) {
  const auto& key = g.key;
  if (u.close_wait.count == 0) u.owner = key.owner;  // groups come with the most sockets first
  u.close_wait.merge(g);
  if (u.port == 0) u.port = key.local.port != 0 ? key.local.port : key.remote.port;
  if (key.remote.address.is_known()) seen.remote.insert(key.remote.address);
  if (key.local.address.is_known()) seen.local.insert(key.local.address);
  u.is_rows = u.is_rows || (key.remote.address.is_known() && key.local.address.is_known());
}

/// Several hosts in one paste: the series of one says what its siblings do not have.
std::size_t siblings_at_zero(const snapshot& s, const count_series& grown) {
  return static_cast<std::size_t>(std::ranges::count_if(s.series, [&](const count_series& other) {
    return &other != &grown && !other.values.empty() &&
           std::ranges::all_of(other.values, [](auto value) { return value == 0; });
  }));
}

bool grows_steadily(const count_series& series) {
  if (series.values.size() < looks_min) return false;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  for (std::size_t i = 1; i < series.values.size(); ++i) {
    if (series.values[i] <= series.values[i - 1]) return false;
    const auto came = series.values[i] - series.values[i - 1];
    least = i == 1 ? came : std::min(least, came);
    most = std::max(most, came);
  }
  return most <= unevenness_max * least;
}

/// A client has one connection to a destination for each port, so that more are a server's; where
/// they are so many times those that are open, it is not one path that fails to close, but all
/// stand still.
constexpr std::uint64_t ports_of_a_client = 65'535;
constexpr std::uint64_t for_each_open = 4;

/// A program that the text says to hang, and whose connections are mostly given up.
bool is_said_to_hang(const snapshot& s, const undirected_close_wait& u) {
  constexpr std::uint64_t many = 100;
  return !s.hanging.empty() && u.close_wait.count >= many &&
         u.close_wait.count >= for_each_open * u.established;
}

bool is_stalled(const snapshot& s, const undirected_close_wait& u,
                const std::optional<steady_growth>& growth) {
  if (growth || is_said_to_hang(s, u)) return true;
  const bool is_crowd = u.close_wait.count > ports_of_a_client && u.established > 0 &&
                        u.close_wait.count >= for_each_open * u.established;
  if (is_crowd) return true;
  // Handshakes pile up where the accept queue is full, which a mere leak does not do; only a
  // listener has any.
  return u.syn_received >= handshakes_min && u.syn_received * handshake_parts >= u.close_wait.count;
}

undirected_cause cause_of(const snapshot& s, const undirected_close_wait& u,
                          const std::vector<stuck_port>& stuck,
                          const std::optional<steady_growth>& growth) {
  const auto count = u.close_wait.count;
  if (s.source == source_kind::live) return undirected_cause::none;
  if (!stands_out(s, count, u.established, u.is_rows)) return undirected_cause::none;
  if (2 * waiting_on(stuck) >= count) return undirected_cause::accept_queue;
  if (is_stalled(s, u, growth)) return undirected_cause::stalled;
  if (count > ports_of_a_client) return undirected_cause::server;
  const auto* owner = s.owner_of(u.owner);
  if (owner != nullptr && only_serves(owner->name)) return undirected_cause::server;
  const auto side = side_of(
      s,
      undirected_sockets{.peers = u.peers, .local_addresses = u.local_addresses, .port = u.port});
  return side.direction == direction::inbound ? undirected_cause::server : undirected_cause::client;
}

/// Workers of one program are one owner; empty where nobody is known to be it.
std::string_view program_of(const snapshot& s, const socket_group& g) {
  const auto* process = s.owner_of(g.key.owner);
  return process == nullptr ? std::string_view() : std::string_view(process->name);
}

bool is_undirected_close_wait(const snapshot& s, const socket_group& g) {
  return g.key.state == tcp::state::close_wait && side_of(s, g).direction == direction::unknown;
}

/// The programs that have CLOSE-WAIT sockets without a side.
std::set<std::string_view> programs_of(const snapshot& s) {
  std::set<std::string_view> names;
  bool has_nameless = false;
  for (const auto& g : s.groups) {
    if (!is_undirected_close_wait(s, g)) continue;
    const auto name = program_of(s, g);
    has_nameless = has_nameless || name.empty();
    if (!name.empty()) names.insert(name);
  }
  if (has_nameless && names.size() > 1) names.insert(std::string_view());
  return names;
}

template <class Belongs>
undirected_close_wait undirected_among(const snapshot& s, Belongs belongs) {
  undirected_close_wait u;
  addresses seen;
  for (const auto& g : s.groups) {
    if (side_of(s, g).direction != direction::unknown) continue;
    switch (g.key.state) {
      case tcp::state::close_wait:
        if (belongs(g)) gather(u, seen, g);
        break;
      case tcp::state::established:
        if (belongs(g) || program_of(s, g).empty()) u.established += g.count;
        break;
      case tcp::state::syn_received:
      case tcp::state::new_syn_received: u.syn_received += g.count; break;
      default: break;
    }
  }
  u.peers = seen.remote.size();
  u.local_addresses = seen.local.size();
  return u;
}

}  // namespace

std::vector<undirected_close_wait> undirected_of(const snapshot& s,
                                                 const std::vector<stuck_port>& stuck,
                                                 const std::optional<steady_growth>& growth) {
  std::vector<undirected_close_wait> all;
  const auto names = programs_of(s);
  if (names.size() < 2) {
    all.push_back(undirected_among(s, [](const socket_group&) { return true; }));
  } else {
    for (const auto& name : names) {
      all.push_back(
          undirected_among(s, [&](const socket_group& g) { return program_of(s, g) == name; }));
    }
    sort_most_first(all, [](const undirected_close_wait& u) { return u.close_wait.count; });
  }
  for (const auto& series : s.series) {
    if (series.state != tcp::state::close_wait || series.values.empty()) continue;
    auto& count = all.front().close_wait.count;
    count = std::max(count, series.values.back());
  }
  for (auto& u : all) u.cause = cause_of(s, u, stuck, growth);
  return all;
}

std::optional<steady_growth> steady_growth_of(const snapshot& s) {
  const auto grown = std::ranges::find_if(s.series, [](const count_series& series) {
    return series.state == tcp::state::close_wait && grows_steadily(series);
  });
  if (grown == s.series.end()) return std::nullopt;
  const auto came = static_cast<double>(grown->values.back() - grown->values.front());
  return steady_growth{.series = &*grown,
                       .siblings_at_zero = siblings_at_zero(s, *grown),
                       .per_look = came / static_cast<double>(grown->values.size() - 1)};
}

}  // namespace waitstate::diagnosis
