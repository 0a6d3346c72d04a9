#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "flow.h"
#include "packet.h"
#include "waitstate/snapshot/captured_service.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::capture {

/// The connections of a capture, and what of them is the host's on which it was taken. Bounded.
class flow_table {
 public:
  /// Some hundred megabytes. A capture with more tells as much by the first ones.
  static constexpr std::size_t flows_max = 1'000'000;

  void add(const packet& p, moment at);

  /// Hands everything to the builder, once, and returns what was seen of each service, the busiest
  /// first.
  [[nodiscard]] std::vector<captured_service> pour_into(snapshot_builder& builder);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// Packets of connections past the bound.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  /// Connections that one side had closed for less than a second: they are in no state.
  [[nodiscard]] std::uint64_t passing() const { return passing_; }

 private:
  struct flow_hash {
    std::size_t operator()(const tcp::flow& f) const noexcept {
      const std::hash<tcp::endpoint> hash;
      return hash(f.local) * 31 + hash(f.remote);
    }
  };
  using service_key = std::pair<direction, tcp::endpoint>;

  void find_local_addresses(snapshot_builder& builder);
  [[nodiscard]] bool is_local(const tcp::address& a) const { return local_.contains(a); }
  [[nodiscard]] flow::side own_side(const flow& f) const;
  void pour(const flow& f, snapshot_builder& builder);
  void pour_end(const flow& f, flow::side own, snapshot_builder& builder);
  void tally(const flow& f, flow::side own, direction d);

  std::vector<flow> flows_;  ///< Those that ended and were begun anew too.
  std::unordered_map<tcp::flow, std::size_t, flow_hash> current_;
  std::unordered_set<tcp::address> local_;
  std::map<service_key, captured_service> services_;
  moment last_{};
  std::uint64_t packets_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t passing_ = 0;
};

}  // namespace waitstate::capture
