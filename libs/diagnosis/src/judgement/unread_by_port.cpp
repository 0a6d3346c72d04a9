#include "judgement/unread_by_port.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

/// How many unread connections are no single slow handler's.
struct stall_size {
  std::uint64_t unread;       ///< In all, CLOSE-WAIT with data included.
  std::uint64_t established;  ///< Of these still open: clients that wait right now.
};
/// One look of a live host meets whatever has just arrived at a busy server.
constexpr stall_size live_stall{.unread = 50, .established = 20};
/// In a paste a person has chosen the rows and the moment.
constexpr stall_size pasted_stall{.unread = 5, .established = 3};
/// One or two peers may be slow by themselves, or one client that sends faster than it is served;
constexpr std::size_t several_peers = 3;
/// so many connections of theirs are not: a proxy is one peer for all its clients.
constexpr std::uint64_t very_many = 100;

struct gathered {
  unread_load load;
  std::set<tcp::address> peers;
  std::set<tcp::address> local_addresses;
};

/// Live, bytes that came a moment ago are about to be read: only those that stand count, where the
/// times are known.
std::uint64_t unread_of(const snapshot& s, const socket_group& g) {
  const bool times_known = s.source == source_kind::live && g.age.known() > 0;
  if (times_known && g.key.state == tcp::state::established) return g.unread_standing;
  const bool counts_the_fin = g.key.state == tcp::state::close_wait;
  // The goodbye of TLS is no request.
  const bool says_goodbye = counts_the_fin && g.with_queues > 0 &&
                            g.receive_queue_bytes <= tls_goodbye_max * g.with_queues;
  if (says_goodbye) return 0;
  return g.receive_queue_more + (counts_the_fin ? 0 : g.receive_queue_one);
}

void gather(gathered& to, const snapshot& s, const socket_group& g) {
  const bool is_open = g.key.state == tcp::state::established;
  (is_open ? to.load.established : to.load.close_wait) += g.count;
  (is_open ? to.load.established_unread : to.load.close_wait_unread) += unread_of(s, g);
  if (is_open) to.load.unread_bytes += g.receive_queue_bytes;
  if (is_open && s.source == source_kind::live) {
    to.load.never_read += g.never_read;
    to.load.standing_ms = std::max(to.load.standing_ms, g.unread_standing_ms);
  }
  if (g.key.remote.address.is_known()) to.peers.insert(g.key.remote.address);
  to.local_addresses.insert(g.key.local.address);
}

std::uint64_t unread(const unread_load& load) {
  return load.established_unread + load.close_wait_unread;
}

}  // namespace

std::vector<unread_load> unread_loads_of(const snapshot& s) {
  const bool knows_unaccepted = shows_owners(s);
  std::map<std::tuple<std::uint32_t, owner_ref, std::uint16_t>, gathered> by_port;
  for (const auto& g : s.groups) {
    const auto state = g.key.state;
    if (state != tcp::state::close_wait && state != tcp::state::established) continue;
    if (side_of(s, g).direction != direction::inbound) continue;
    if (knows_unaccepted && g.key.owner.kind == ownership::none) continue;
    gather(by_port[{g.key.net_namespace, g.key.owner, g.key.local.port}], s, g);
  }
  std::vector<unread_load> loads;
  for (auto& [key, gathered] : by_port) {
    auto& load = gathered.load;
    if (unread(load) == 0) continue;
    std::tie(load.net_namespace, load.owner, load.local.port) = key;
    if (gathered.local_addresses.size() == 1) {
      load.local.address = *gathered.local_addresses.begin();
    }
    load.peers = gathered.peers.size();
    loads.push_back(load);
  }
  sort_most_first(loads, unread);
  return loads;
}

/// A paste whose connections on a port were nearly all given up with the request unread: a server
/// reads the first request as soon as it has accepted, whatever its handlers do later. One in ten
/// may be open and quiet.
bool read_nothing(const snapshot& s, const unread_load& load) {
  constexpr std::uint64_t several = 5;
  return s.source == source_kind::pasted && load.close_wait >= several &&
         load.established * 10 <= load.close_wait &&
         load.close_wait_unread * 10 >= load.close_wait * 9;
}

/// Each of a few from several peers has more unread than a program leaves that comes by at all: it
/// takes a buffer's worth each time.
bool lies_in_heaps(const snapshot& s, const unread_load& load) {
  constexpr std::uint64_t few = 3;
  constexpr std::uint64_t buffer = 16'384;
  return s.source == source_kind::pasted && load.established_unread >= few &&
         load.established_unread == load.established && load.peers >= several_peers &&
         load.unread_bytes >= load.established * buffer;
}

/// What has lain there so long waits for more than a turn: a saturated server with a hundred
/// clients and a twentieth of a second for each comes to them sooner.
bool stands_for_long(const unread_load& load) {
  constexpr std::uint32_t long_ms = 5'000;
  constexpr std::uint64_t few_untouched = 3;
  if (load.standing_ms < long_ms) return false;
  const bool untouched =
      load.never_read >= few_untouched && load.never_read * 2 >= load.established;
  const bool unread = load.established_unread >= live_stall.established &&
                      load.established_unread * 2 >= load.established;
  return untouched || unread;
}

bool is_stalled(const snapshot& s, const unread_load& load, const std::vector<stuck_port>& stuck) {
  if (read_nothing(s, load)) return !contains(stuck, load.net_namespace, load.local.port);
  if (lies_in_heaps(s, load)) return !contains(stuck, load.net_namespace, load.local.port);
  if (stands_for_long(load)) return !contains(stuck, load.net_namespace, load.local.port);
  const auto& least = s.source == source_kind::live ? live_stall : pasted_stall;
  const bool many = unread(load) >= least.unread && load.established_unread >= least.established;
  const bool most = load.established_unread * 2 >= load.established;
  const bool spread = load.peers >= several_peers || unread(load) >= very_many;
  return many && most && spread && !contains(stuck, load.net_namespace, load.local.port);
}

}  // namespace waitstate::diagnosis
