#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint_set.h"

namespace waitstate::client {

struct stabilizer_settings {
  duration epoch = std::chrono::seconds(10);
  duration unhealthy_max = std::chrono::minutes(5);
};

/// Decides when what ZooKeeper says is believed. A session that expires by mistake, or an ensemble
/// that restarts, makes members vanish that serve as well as ever; so
///
/// - an endpoint that is new, or has a new weight, counts at once: a server that was added gets its
///   share within seconds;
/// - one that is gone is kept for an epoch; back within it, it was never gone;
/// - removals are published at most once in two epochs, those that are due together;
/// - while ZooKeeper is unwell nothing is removed, and an epoch that was running begins anew when
///   it is well again;
/// - unwell for `unhealthy_max`: the set is stale, and stays what it was.
///
/// (Finagle's zk2 resolver has additions wait, too; calls to a server that has just come do no
/// harm, so here they do not.)
///
/// Pure; time only goes forward.
class serverset_stabilizer {
 public:
  explicit serverset_stabilizer(stabilizer_settings settings) : settings_(settings) {}

  /// ZooKeeper is well and this is what it says.
  void on_set(const std::vector<weighted_endpoint>& seen, time_point now);
  /// ZooKeeper cannot be asked. The first of several counts, the last one's reason is told.
  void on_trouble(error why, time_point now);
  /// Removes what is due. Call it after the others, and at next_due().
  void advance(time_point now);

  /// When advance() has something to do; time_point::max() for never.
  [[nodiscard]] time_point next_due() const;

  [[nodiscard]] bool is_known() const { return is_known_; }
  [[nodiscard]] std::vector<weighted_endpoint> endpoints() const;
  /// Whether, as of the last advance(), ZooKeeper has been unwell for too long.
  [[nodiscard]] bool is_stale() const { return is_stale_; }
  /// Why ZooKeeper is unwell; nothing while it is well.
  [[nodiscard]] const std::optional<error>& trouble() const { return trouble_; }

 private:
  [[nodiscard]] time_point removals_allowed_at() const;

  const stabilizer_settings settings_;
  bool is_known_ = false;
  bool is_stale_ = false;
  std::map<endpoint, double> published_;
  std::map<endpoint, time_point> gone_;  // since when; all are in published_
  std::optional<time_point> removed_at_;
  std::optional<time_point> unwell_since_;
  std::optional<error> trouble_;
};

}  // namespace waitstate::client
