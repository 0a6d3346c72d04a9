#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate {

/// Turns a stream of sockets into a snapshot without holding them: memory grows with the number
/// of groups, which is bounded; not with the number of sockets.
///
/// Order matters: a source adds its namespaces first, then processes and listeners, then
/// everything else, since the direction of a connection is told from the listeners. Not for use
/// by several threads at once.
class snapshot_builder {
 public:
  struct bounds {
    /// Groups. Past three quarters of it inbound remote addresses are folded into one group per
    /// listener, state and owner; past all of it new groups are dropped and counted.
    std::size_t groups_max = 32'768;
    std::size_t listeners_max = 16'384;
    std::size_t source_addresses_max = 256;
    std::size_t names_max = 65'536;
    std::size_t messages_max = 256;
    std::size_t pools_max = 256;
    std::size_t tracked_max = 4'096;
  };

  snapshot_builder();
  explicit snapshot_builder(bounds b);

  /// Returns the index that records and processes refer to.
  std::uint32_t add_namespace(network_namespace ns);
  [[nodiscard]] network_namespace& namespace_at(std::uint32_t index);
  /// Returns the index for owner_ref::process.
  std::uint32_t add_process(process p);
  [[nodiscard]] process& process_at(std::uint32_t index);
  [[nodiscard]] std::size_t process_count() const { return built_.processes.size(); }

  /// A listener; its port counts as bound. Before the first connection.
  void add_listener(const listener& l);
  /// Counts one more socket that holds `port` by bind() without listening.
  void add_bound_port(std::uint32_t net_namespace, std::uint16_t port);

  /// Any socket. Listeners and bound sockets are passed on to the calls above; connections are
  /// grouped, with the direction told from listeners and the namespace's ephemeral range.
  void add(const socket_record& s);
  /// A connection whose direction the source knows better (a pasted count, say). `service_port`
  /// fields of an unknown direction are kept as given.
  void add(const socket_record& s, direction d);

  /// Says how many different local ports connections from `address` use, where the source has that
  /// number and not the ports.
  void add_counted_ports(std::uint32_t net_namespace, const tcp::address& address,
                         std::uint64_t ports);

  /// The number of a name or masked address, the same for the same text. Past the bound every
  /// new name is the last one, "...", and a limit says so.
  [[nodiscard]] tcp::address name(std::string_view text);

  /// Folds into an equal earlier message (kind, endpoint, program, text up to its numbers).
  void add_message(message m);
  void add_series(count_series s);
  /// Another look at a pool that has this program and name is take_worse(). Past the bound a new
  /// one is left out.
  void add_pool(const connection_pool& p);
  /// Adds up those that differ in their number only. Past the bound a new destination is no longer
  /// told from others.
  void add_tracked(const tracked_flows& flows);
  void add_limit(limit l);

  [[nodiscard]] host_facts& host() { return built_.host; }
  void set_source(source_kind kind, std::string_view detail);

  /// The finished snapshot, groups with the most sockets first. The builder is empty afterwards.
  [[nodiscard]] snapshot finish(std::chrono::system_clock::time_point taken_at);

 private:
  socket_group* group_for(const socket_record& s, direction d);
  void count_source_port(const socket_record& s);
  source_address* source_for(std::uint32_t net_namespace, const tcp::address& address);

  bounds bounds_;
  snapshot built_;
  listener_index listeners_;
  struct ephemeral_ports {
    std::optional<tcp::port_range> range;
    tcp::port_set reserved;
  };
  /// As they were at the first connection of each namespace, so that a socket costs no parsing.
  const ephemeral_ports& ephemeral_of(std::uint32_t net_namespace);
  std::vector<std::optional<ephemeral_ports>> ephemeral_;
  std::unordered_map<group_key, std::size_t> group_index_;
  std::map<std::pair<std::uint32_t, tcp::address>, std::size_t> source_index_;
  std::unordered_map<std::string, std::uint32_t> name_index_;
  std::uint64_t folded_ = 0;
  std::uint64_t unlisted_listeners_ = 0;
  bool names_full_ = false;
  std::unordered_map<std::string, std::size_t> message_index_;
  std::uint64_t unkept_messages_ = 0;
  std::map<std::tuple<std::string, tcp::endpoint, bool>, std::size_t> tracked_index_;
};

}  // namespace waitstate
