#include "reading/joined_ends.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "waitstate/snapshot/far_end.h"

namespace waitstate::paste {
namespace {

/// As many as a person reads.
constexpr std::size_t far_ends_max = 64;

direction opposite(direction d) {
  switch (d) {
    case direction::outbound: return direction::inbound;
    case direction::inbound: return direction::outbound;
    case direction::unknown: return direction::unknown;
  }
  return direction::unknown;
}

struct flow_hash {
  std::size_t operator()(const tcp::flow& f) const noexcept {
    const std::hash<tcp::endpoint> hash;
    return hash(f.local) * 31 + hash(f.remote);
  }
};

tcp::flow reversed(const tcp::flow& f) {
  return {.local = f.remote, .remote = f.local};
}

bool is_numeric(const tcp::address& a) {
  const auto kind = a.what();
  return kind == tcp::address::kind::v4 || kind == tcp::address::kind::v6;
}

bool is_connection(const socket_record& s) {
  return s.state != tcp::state::listen && s.state != tcp::state::bound_inactive;
}

bool has_addresses(const socket_record& s) {
  const auto& [local, remote] = s.flow;
  return is_numeric(local.address) && is_numeric(remote.address) && local.port != 0 &&
         remote.port != 0 && !local.address.is_loopback() && !remote.address.is_loopback();
}

/// A row of a host, by both its places.
struct end {
  std::size_t host = 0;
  std::size_t row = 0;
};

/// What far ends have to agree in to be one.
struct far_key {
  std::size_t host = 0;
  far_end same;  ///< Without its numbers.

  friend bool operator<(const far_key& a, const far_key& b) {
    const auto tied = [](const far_key& k) {
      return std::tie(k.host, k.same.state, k.same.direction, k.same.service, k.same.owner,
                      k.same.host, k.same.far_state, k.same.far_owner, k.same.how);
    };
    return tied(a) < tied(b);
  }
};

/// States that the two ends of one connection have at the same time.
bool belong_together(tcp::state a, tcp::state b) {
  using enum tcp::state;
  constexpr std::array pairs{
      std::pair{established, established}, std::pair{fin_wait_2, close_wait},
      std::pair{fin_wait_1, close_wait},   std::pair{fin_wait_1, established},
      std::pair{syn_sent, syn_received},   std::pair{syn_sent, new_syn_received},
      std::pair{last_ack, fin_wait_2},     std::pair{last_ack, time_wait}};
  return std::ranges::any_of(pairs, [&](const auto& p) {
    return (p.first == a && p.second == b) || (p.first == b && p.second == a);
  });
}

class joining {
 public:
  explicit joining(std::span<const shown_host> hosts) : hosts_(hosts), joined_(hosts.size()) {
    for (std::size_t i = 0; i < hosts.size(); ++i) joined_[i].resize(hosts[i].rows->size());
  }

  void by_addresses() {
    std::unordered_map<tcp::flow, end, flow_hash> ends;
    each_row([&](std::size_t host, std::size_t at, const stored_row& r) {
      if (has_addresses(r.record)) ends.try_emplace(r.record.flow, end{host, at});
    });
    each_row([&](std::size_t host, std::size_t at, const stored_row& r) {
      if (!has_addresses(r.record)) return;
      const auto found = ends.find(reversed(r.record.flow));
      if (found == ends.end() || found->second.host == host) return;
      joined_[host][at] = true;
      count({host, at}, found->second, joined_by::addresses);
    });
  }

  void by_ports();
  void by_counts();

  void finish() {
    for (auto& [key, far] : found_) hosts_[key.host].seen->far_ends.push_back(std::move(far));
    for (const auto& h : hosts_) {
      auto& all = h.seen->far_ends;
      std::ranges::sort(all, std::ranges::greater{}, &far_end::count);
      if (all.size() > far_ends_max) all.resize(far_ends_max);
    }
  }

 private:
  template <typename F>
  void each_row(F visit) const {
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      std::size_t at = 0;
      for (const auto& r : *hosts_[host].rows) {
        if (is_connection(r.record)) visit(host, at, r);
        ++at;
      }
    }
  }

  [[nodiscard]] stored_row row_of(const end& e) const { return (*hosts_[e.host].rows)[e.row]; }
  [[nodiscard]] std::string owner_of(const end& e) const {
    const auto* process = hosts_[e.host].seen->owner_of(row_of(e).record.owner);
    return process == nullptr ? std::string() : to_string(*process);
  }

  void count(const end& here, const end& there, joined_by how);
  void add(std::size_t host, const far_end& same, std::uint64_t sockets, std::uint64_t far_unread) {
    auto& far = found_.try_emplace({.host = host, .same = same}, same).first->second;
    far.count += sockets;
    far.far_unread += far_unread;
  }

  std::span<const shown_host> hosts_;
  std::vector<std::vector<bool>> joined_;
  std::map<far_key, far_end> found_;
};

/// Which end is the service: what either of the two rows was told to be.
direction side_of_pair(const stored_row& here, const stored_row& there) {
  return here.told != direction::unknown ? here.told : opposite(there.told);
}

void joining::count(const end& here, const end& there, joined_by how) {
  const auto here_row = row_of(here);
  const auto there_row = row_of(there);
  const auto& s = here_row.record;
  const auto side = side_of_pair(here_row, there_row);
  const auto& far = there_row.record;
  const bool unread = far.has_queues && far.receive_queue > 1;
  add(here.host,
      {.state = s.state,
       .direction = side,
       .service = side == direction::inbound ? s.flow.local : s.flow.remote,
       .owner = s.owner,
       .host = hosts_[there.host].seen->host.name,
       .far_state = far.state,
       .far_owner = owner_of(there),
       .how = how},
      s.count, unread ? s.count : 0);
}

/// Both ports of a row, from this end or from the other one.
struct port_pair {
  std::uint16_t local = 0;
  std::uint16_t remote = 0;

  friend auto operator<=>(const port_pair&, const port_pair&) = default;
};

void joining::by_ports() {
  // Where a thousand clients of one service are compared, two agree in a port by chance, hardly
  // three, and never half of them.
  constexpr std::uint64_t agree_min = 3;
  struct candidate {
    end only;
    bool is_shared = false;  ///< Several rows have these ports.
  };
  std::map<port_pair, candidate> ends;
  each_row([&](std::size_t host, std::size_t at, const stored_row& r) {
    const auto& [local, remote] = r.record.flow;
    if (joined_[host][at] || local.port == 0 || remote.port == 0) return;
    const auto [known, is_new] =
        ends.try_emplace({local.port, remote.port}, candidate{.only = {host, at}});
    if (!is_new) known->second.is_shared = true;
  });
  struct agreement {
    std::vector<std::pair<end, end>> pairs;
  };
  // By host, other host and service.
  std::map<std::tuple<std::size_t, std::size_t, std::uint16_t>, agreement> agreed;
  std::map<std::pair<std::size_t, std::uint16_t>, std::uint64_t> of_service;
  for (const auto& [ports, candidate] : ends) {
    if (candidate.is_shared) continue;
    const auto& here = candidate.only;
    const auto service = std::min(ports.local, ports.remote);
    ++of_service[{here.host, service}];
    const auto found = ends.find({ports.remote, ports.local});
    if (found == ends.end() || found->second.is_shared) continue;
    const auto& there = found->second.only;
    const bool may_be = there.host != here.host &&
                        belong_together(row_of(here).record.state, row_of(there).record.state);
    if (may_be) agreed[{here.host, there.host, service}].pairs.emplace_back(here, there);
  }
  for (const auto& [key, some] : agreed) {
    const auto& [host, other, service] = key;
    const auto smaller = std::min(of_service[{host, service}], of_service[{other, service}]);
    if (some.pairs.size() < agree_min || some.pairs.size() * 2 < smaller) continue;
    for (const auto& [here, there] : some.pairs) count(here, there, joined_by::ports);
  }
}

/// The half-closed connections of one host with one service, whatever their end is.
struct half_closed_count {
  std::uint64_t sockets = 0;
  group_key like;  ///< The largest group's.
  std::uint64_t largest = 0;
};

std::map<std::uint16_t, half_closed_count> half_closed_of(const snapshot& s, tcp::state state) {
  std::map<std::uint16_t, half_closed_count> by_service;
  for (const auto& g : s.groups) {
    const auto& k = g.key;
    if (k.state != state) continue;
    const auto port =
        k.direction == direction::inbound || k.remote.port == 0 ? k.local.port : k.remote.port;
    if (port == 0) continue;
    auto& one = by_service[port];
    one.sockets += g.count;
    if (g.count <= one.largest) continue;
    one.largest = g.count;
    one.like = k;
  }
  return by_service;
}

bool is_joined(const snapshot& s, tcp::state state, std::uint16_t service) {
  return std::ranges::any_of(
      s.far_ends, [&](const far_end& f) { return f.state == state && f.service.port == service; });
}

void joining::by_counts() {
  constexpr std::uint64_t enough = 10;  // Fewer are equal by chance.
  constexpr std::uint64_t apart = 10;   // A tenth: the two looks are not of the same moment.
  const auto agree = [](std::uint64_t a, std::uint64_t b) {
    return std::min(a, b) >= enough && (std::max(a, b) - std::min(a, b)) * apart <= std::max(a, b);
  };
  for (std::size_t here = 0; here < hosts_.size(); ++here) {
    auto& near = *hosts_[here].seen;
    for (const auto& [service, waiting] : half_closed_of(near, tcp::state::fin_wait_2)) {
      if (is_joined(near, tcp::state::fin_wait_2, service)) continue;
      std::optional<std::size_t> only;
      std::size_t fitting = 0;
      for (std::size_t there = 0; there < hosts_.size(); ++there) {
        if (there == here) continue;
        const auto held = half_closed_of(*hosts_[there].seen, tcp::state::close_wait);
        const auto found = held.find(service);
        if (found == held.end() || !agree(waiting.sockets, found->second.sockets)) continue;
        only = there;
        ++fitting;
      }
      if (!only || fitting != 1) continue;
      auto& far = *hosts_[*only].seen;
      const auto held = half_closed_of(far, tcp::state::close_wait).at(service);
      const auto sockets = std::min(waiting.sockets, held.sockets);
      const auto text = [](const snapshot& s, const owner_ref& o) {
        const auto* process = s.owner_of(o);
        return process == nullptr ? std::string() : to_string(*process);
      };
      const auto end_of = [&](const snapshot& other, const half_closed_count& mine,
                              const half_closed_count& its) {
        return far_end{
            .state = mine.like.state,
            .direction = mine.like.direction,
            .service = mine.like.remote.port == service ? mine.like.remote : mine.like.local,
            .owner = mine.like.owner,
            .host = other.host.name,
            .far_state = its.like.state,
            .far_owner = text(other, its.like.owner),
            .how = joined_by::counts};
      };
      add(here, end_of(far, waiting, held), sockets, 0);
      add(*only, end_of(near, held, waiting), sockets, 0);
    }
  }
}

}  // namespace

void join_ends(std::span<const shown_host> hosts) {
  if (hosts.size() < 2) return;
  joining all(hosts);
  all.by_addresses();
  all.by_ports();
  all.finish();
  joining counted(hosts);
  counted.by_counts();
  counted.finish();
}

}  // namespace waitstate::paste
