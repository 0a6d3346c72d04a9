#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

enum class node_status : std::uint8_t { available, ejected };

/// Decides which server gets the next call. Servers are drawn in proportion to their weights; loads
/// are compared per weight.
///
/// Ejected servers get nothing, unless all are: then everybody gets calls, since a server that may
/// be down is better than none. A new server takes part at once.
///
/// Pure. Not for several threads at once: its owner locks.
class balancer {
 public:
  /// The owner's name for a server.
  using node_key = std::uint64_t;

  balancer(const balancer_settings& settings, random_source random);

  /// A key that is there already only gets the weight. `weight` is at least 0.
  void add(node_key key, double weight);
  void remove(node_key key);
  void set_status(node_key key, node_status status);

  /// The server for the next call, which counts as under way until done(). Those in `avoid` (where
  /// this call has failed already) only when there is no other. Nothing when there are no servers.
  [[nodiscard]] std::optional<node_key> pick(std::span<const node_key> avoid, time_point now);

  /// A call that pick() gave is over. `latency` when it says something about the server. A key
  /// that was removed meanwhile is ignored.
  void done(node_key key, std::optional<duration> latency, time_point now);

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// How many are not ejected, without those in `but`.
  [[nodiscard]] std::size_t available(std::span<const node_key> but) const;
  /// Is every server ejected? False when there is none.
  [[nodiscard]] bool is_all_ejected() const;
  /// Calls under way; 0 for an unknown key.
  [[nodiscard]] std::uint32_t pending(node_key key) const;
  /// The decayed latency, 0 when nothing was measured.
  [[nodiscard]] duration latency(node_key key, time_point now) const;

 private:
  struct node {
    node_key key;
    double weight;
    node_status status = node_status::available;
    std::uint32_t pending = 0;
    double cost_ns = 0;  // peak EWMA of the latency, as of `stamp`
    time_point stamp{};
    double turn = 0;  // smooth weighted round robin
  };

  [[nodiscard]] node* find(node_key key);
  [[nodiscard]] const node* find(node_key key) const;
  void find_candidates(std::span<const node_key> avoid);
  [[nodiscard]] std::size_t draw(std::optional<std::size_t> but);
  [[nodiscard]] std::size_t draw_two(time_point now);
  [[nodiscard]] std::size_t next_in_turn();
  [[nodiscard]] double cost_at(const node& n, time_point now) const;
  [[nodiscard]] double load_of(const node& n, double mean_weight, time_point now) const;

  const balancer_settings settings_;
  const random_source random_;
  std::vector<node> nodes_;
  std::vector<std::size_t> candidates_;  // of the pick under way; kept to save allocations
};

}  // namespace waitstate::client
