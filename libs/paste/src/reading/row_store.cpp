#include "reading/row_store.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "rows/formats.h"
#include "waitstate/snapshot/ephemeral_ports.h"
#include "waitstate/tcp/service.h"

namespace waitstate::paste {

/// How many rows have an endpoint at one side. Endpoints that share a slot are counted together:
/// with several slots a row that is rare and costs nothing but a vote.
class row_store::endpoint_counts {
 public:
  explicit endpoint_counts(std::size_t rows)
      // 32 KiB for a few rows, 8 MiB for sixty thousand and more.
      : shift_(64 - static_cast<int>(
                        std::bit_width(std::clamp<std::size_t>(rows * 16, 1U << 12U, 1U << 20U)))),
        local_(std::size_t{1} << (64 - shift_)),
        remote_(local_.size()) {}

  void add(const tcp::flow& flow) {
    count(local_[slot(flow.local)]);
    count(remote_[slot(flow.remote)]);
  }
  [[nodiscard]] std::uint32_t local(const tcp::endpoint& e) const { return local_[slot(e)]; }
  [[nodiscard]] std::uint32_t remote(const tcp::endpoint& e) const { return remote_[slot(e)]; }

 private:
  [[nodiscard]] std::size_t slot(const tcp::endpoint& e) const {
    const auto hash = std::hash<tcp::endpoint>{}(e) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::size_t>(hash >> static_cast<unsigned>(shift_));
  }

  /// So many rows are as many as more are.
  static void count(std::uint16_t& rows) {
    if (rows < std::numeric_limits<std::uint16_t>::max()) ++rows;
  }

  int shift_;
  std::vector<std::uint16_t> local_;
  std::vector<std::uint16_t> remote_;
};

namespace {

/// A retransmission that -i shows by its backoff, not the timer column by the time that is left.
bool is_concluded(const socket_record& s) {
  return s.timer == socket_timer::retransmit && s.timer_ms == 0;
}

/// The direction from two ports alone, for a row that nothing else tells of.
direction from_ports(std::uint16_t local, std::uint16_t remote) {
  if (local == 0 && remote == 0) return direction::unknown;
  const bool local_known = tcp::service_of(local).has_value();
  const bool remote_known = tcp::service_of(remote).has_value();
  if (local_known != remote_known) return local_known ? direction::inbound : direction::outbound;
  if (local == 0 || remote == 0) return direction::unknown;
  // The smaller port is the service, where the difference says something.
  constexpr std::uint16_t first_unprivileged = 1024;
  const bool local_low = local < first_unprivileged;
  const bool remote_low = remote < first_unprivileged;
  if (local_low != remote_low) return local_low ? direction::inbound : direction::outbound;
  // Two ports that were both handed out by a kernel say nothing.
  const auto first_handed_out = default_ephemeral_range(os_family::linux_kernel).low;
  if (local == remote || (local >= first_handed_out && remote >= first_handed_out)) {
    return direction::unknown;
  }
  return local < remote ? direction::inbound : direction::outbound;
}

listener listener_of(const row_store::row& r) {
  const auto& s = r.record;
  listener l{.net_namespace = s.net_namespace, .local = s.flow.local, .owner = s.owner};
  if (s.has_queues) l.accept_queue = s.receive_queue;
  // netstat of Linux has no backlog to show and writes 0 (net/ipv4/tcp_ipv4.c:get_tcp4_sock).
  const bool backlog_shown = formats()[r.from].shows_backlog || s.send_queue > 0;
  if (s.has_queues && backlog_shown) l.backlog = s.send_queue;
  l.incomplete = r.incomplete;
  return l;
}

/// 64 bits of both ends: two of a million rows fall together once in ten million texts.
std::uint64_t hash_of(const tcp::flow& flow) {
  const std::hash<tcp::endpoint> hash;
  return hash(flow.local) * 0x9e3779b97f4a7c15ULL + std::rotl(hash(flow.remote), 23);
}

}  // namespace

/// Rows that name the same socket again: threads and forks that share it, or a second look.
row_store::known row_store::is_known(const socket_record& s, const format& f) {
  if (s.state == tcp::state::listen || s.count != 1) return {};
  const auto& [local, remote] = s.flow;
  const auto is_exact = [](const tcp::endpoint& e) {
    const auto kind = e.address.what();
    return e.port != 0 && (kind == tcp::address::kind::v4 || kind == tcp::address::kind::v6) &&
           !e.address.is_unspecified();
  };
  const bool by_inode = f.lists_descriptors && s.inode != 0;
  const auto is_met = [&](seen_by how, std::uint64_t id) {
    return seen_[static_cast<std::size_t>(how)].meet(id);
  };
  const bool is_again = by_inode && is_met(seen_by::inode, s.inode);
  if (is_again || !is_exact(local) || !is_exact(remote)) {
    return {.socket = is_again, .descriptor = is_again};
  }
  // A row of lsof may be of a socket that ss shows, too, which may have shown no owner. Two of lsof
  // are of two sockets, whatever their ends.
  const auto ends = hash_of(s.flow);
  const auto own = by_inode ? seen_by::ends_of_descriptors : seen_by::ends;
  const auto others = by_inode ? seen_by::ends : seen_by::ends_of_descriptors;
  const bool is_repeated = is_met(own, ends) && !by_inode;
  const bool is_shown = is_repeated || seen_[static_cast<std::size_t>(others)].contains(ends);
  const bool tells_owner = is_shown && s.owner.kind == ownership::owned;
  if (tells_owner && later_owners_.size() < later_owners_max) {
    later_owners_.try_emplace(ends, s.owner);
  }
  return {.socket = is_shown, .descriptor = is_shown && !by_inode};
}

void row_store::take_later_owners() {
  if (later_owners_.empty()) return;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto r = rows_[i];
    if (r.record.owner.kind == ownership::owned || r.record.state == tcp::state::listen) continue;
    const auto told = later_owners_.find(hash_of(r.record.flow));
    if (told != later_owners_.end()) rows_.tell_owner(i, told->second);
  }
}

row_store::row_store() : formats_(formats().size()) {}

void row_store::owners_are_shown(std::string_view tool) {
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    if (formats()[i].tool == tool) formats_[i].owners = true;
  }
}

bool row_store::has_rows_of(os_family system) const {
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    if (formats_[i].rows && formats()[i].system == system) return true;
  }
  return false;
}

bool row_store::has_state(tcp::state state) const {
  return std::ranges::any_of(rows_, [&](const row& r) { return r.record.state == state; });
}

bool row_store::add(const socket_record& s, const format& f, const beside& more) {
  const auto from = index_of(f);
  formats_[from].rows = true;
  if (const auto before = is_known(s, f); before.socket) {
    ++repeated_;
    if (s.state == tcp::state::established) ++open_again_;
    return !before.descriptor;
  }
  if (s.owner.kind == ownership::owned) formats_[from].owners = true;
  if (s.state == tcp::state::listen) listeners_.add(s.net_namespace, s.flow.local);
  if (rows_.size() >= rows_max) {
    dropped_ += s.count;
    return true;
  }
  rows_.push_back({.record = s,
                   .told = more.told_by_names,
                   .from = static_cast<std::uint8_t>(from),
                   .incomplete = more.incomplete});
  return true;
}

void row_store::begin_look() {
  look_start_ = rows_.size();
  open_again_ = 0;
}

std::optional<count_series> row_store::growth() const {
  constexpr std::uint64_t open_min = 20;
  std::uint64_t open = 0;
  std::map<tcp::endpoint, std::pair<std::uint64_t, std::uint64_t>> before_and_new;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto r = rows_[i];
    if (r.record.state != tcp::state::established) continue;
    const bool is_new = i >= look_start_;
    if (!is_new) ++open;
    if (r.told != direction::outbound) continue;
    auto& [before, added] = before_and_new[r.record.flow.remote];
    ++(is_new ? added : before);
  }
  // Sockets that forks share are named again in one look; it takes two to grow.
  if (open < open_min || open_again_ < open_min || open_again_ * 10 < open * 9) return std::nullopt;
  const auto most = std::ranges::max_element(before_and_new, {},
                                             [](const auto& place) { return place.second.second; });
  if (most == before_and_new.end() || most->second.second == 0) return std::nullopt;
  const auto& [before, added] = most->second;
  return count_series{.state = tcp::state::established,
                      .port = most->first.port,
                      .label = {},
                      .values = {before, before + added},
                      .interval = {}};
}

void row_store::end_block(bool timers_asked_for) {
  const auto start = std::exchange(block_start_, rows_.size());
  bool shown = timers_asked_for;
  for (auto i = start; i < rows_.size() && !shown; ++i) {
    const auto r = rows_[i];
    shown = formats()[r.from].shows_only_running_timers &&
            r.record.state != tcp::state::time_wait && r.record.timer != socket_timer::unknown &&
            !is_concluded(r.record);
  }
  if (!shown) return;
  for (auto i = start; i < rows_.size(); ++i) {
    const auto r = rows_[i];
    const bool silent =
        r.record.state == tcp::state::established && r.record.timer == socket_timer::unknown;
    if (formats()[r.from].shows_only_running_timers && silent) {
      rows_.tell_timer(i, socket_timer::none);
    }
  }
}

/// Windows before Vista lists the port of each connected client as one that listens.
bool row_store::is_client_of_windows(const row& r, const endpoint_counts& counts) {
  const auto& [local, remote] = r.record.flow;
  return formats()[r.from].system == os_family::windows && !tcp::service_of(local.port) &&
         tcp::service_of(remote.port) && counts.local(local) == 1;
}

direction row_store::direction_of_row(const row& r, const endpoint_counts& counts,
                                      const std::optional<tcp::port_range>& range) const {
  const auto& s = r.record;
  if (s.state == tcp::state::syn_sent) return direction::outbound;
  if (s.state == tcp::state::syn_received || s.state == tcp::state::new_syn_received) {
    return direction::inbound;
  }
  const auto from_listeners = direction_of(s, listeners_, std::nullopt);
  if (from_listeners != direction::unknown) {
    return is_client_of_windows(r, counts) ? direction::outbound : from_listeners;
  }

  const auto& [local, remote] = s.flow;
  // Linux gives one local port to connections to several destinations: how many rows share it says
  // less than a port that connect() takes, with a service at the other end.
  const bool local_service = tcp::service_of(local.port).has_value();
  const bool remote_service = tcp::service_of(remote.port).has_value();
  if (range && local.port != 0 && remote.port != 0 && local_service != remote_service) {
    if (remote_service && range->contains(local.port)) return direction::outbound;
    if (local_service && range->contains(remote.port)) return direction::inbound;
  }
  const auto at_local = local.port == 0 ? 0 : counts.local(local);
  const auto at_remote = remote.port == 0 ? 0 : counts.remote(remote);
  // Two rows share an endpoint by chance, as a client's two calls to one server do.
  constexpr std::uint32_t many = 3;
  if (at_local >= many && at_local >= 2 * at_remote) return direction::inbound;
  if (at_remote >= many && at_remote >= 2 * at_local) return direction::outbound;

  if (r.told != direction::unknown) return r.told;
  const auto from_range = direction_of(s, listeners_, range);
  if (from_range != direction::unknown) return from_range;
  if (local.port != 0 && remote.port != 0 && at_local != at_remote) {
    return at_local > at_remote ? direction::inbound : direction::outbound;
  }
  return from_ports(local.port, remote.port);
}

void row_store::tell_directions(const std::optional<tcp::port_range>& range) {
  endpoint_counts counts(rows_.size());
  for (const auto& r : rows_) counts.add(r.record.flow);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    rows_.tell_direction(i, direction_of_row(rows_[i], counts, range));
  }
}

void row_store::tell_owners(bool some_are_hidden) {
  take_later_owners();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto r = rows_[i];
    auto owner = r.record.owner;
    const bool shown = formats_[r.from].owners;
    if (owner.kind == ownership::owned || (owner.kind == ownership::unknown && !shown)) continue;
    const bool ownerless_state = r.record.state == tcp::state::time_wait ||
                                 r.record.state == tcp::state::new_syn_received ||
                                 r.record.state == tcp::state::syn_received;
    const bool nobody = ownerless_state || (shown && !some_are_hidden);
    owner.kind = nobody ? ownership::none : ownership::hidden;
    rows_.tell_owner(i, owner);
  }
}

void row_store::pour_into(snapshot_builder& builder) const {
  for (const auto& r : rows_) {
    if (r.record.state == tcp::state::listen) builder.add_listener(listener_of(r));
  }
  for (const auto& r : rows_) {
    if (r.record.state == tcp::state::listen) continue;
    if (r.record.state == tcp::state::bound_inactive) {
      builder.add(r.record);
      continue;
    }
    if (r.told != direction::unknown) {
      builder.add(r.record, r.told);
      continue;
    }
    auto without_ports = r.record;
    auto& [local, remote] = without_ports.flow;
    if (!tcp::service_of(local.port)) local.port = 0;
    if (!tcp::service_of(remote.port)) remote.port = 0;
    builder.add(without_ports, direction::unknown);
  }
}

}  // namespace waitstate::paste
