#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

/// Clusters as Prometheus metrics, for an exposer of prometheus-cpp:
///
///   auto collector = std::make_shared<cluster_collector>();
///   collector->add(search);
///   exposer.RegisterCollectable(collector);
///
/// docs/metrics.md has every name, type and label. The only header here that needs prometheus-cpp
/// (link prometheus-cpp::core). Give each cluster a name of its own: it is a label.
///
/// Any thread may call any member. Collecting takes each cluster's lock for a moment and calls
/// nobody back.
class cluster_collector final : public prometheus::Collectable {
 public:
  /// For as long as the cluster lives; it is not kept alive.
  void add(const std::shared_ptr<cluster>& shown);

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  mutable std::mutex lock_;
  mutable std::vector<std::weak_ptr<cluster>> shown_;
};

}  // namespace waitstate::client
