#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/endpoint_set.h"

namespace waitstate::client {

/// Where the servers of a service are learned from. Publishes a set whenever it changes, and keeps
/// the last good one while it cannot be asked.
///
/// Any thread may call any member.
class endpoint_source {
 public:
  using subscriber = std::function<void(const endpoint_set&)>;

  endpoint_source() = default;
  endpoint_source(const endpoint_source&) = delete;
  endpoint_source& operator=(const endpoint_source&) = delete;
  virtual ~endpoint_source() = default;

  /// Keeps asking until stop(). Spawn it once; a cluster does it for its source.
  virtual asio::awaitable<void> run() = 0;
  virtual void stop() = 0;

  [[nodiscard]] endpoint_set current() const;

  /// Calls `tell` with the current set, now, and with each that follows, in order and one at a
  /// time, on whatever thread publishes; for as long as `alive` is.
  void subscribe(std::weak_ptr<void> alive, subscriber notify);

 protected:
  /// The source could be asked and this is what it says. Puts the list in order, an endpoint that
  /// is there twice counts once; tells nobody when nothing changed. `trouble`: it cannot be asked
  /// just now, which is no reason yet to think less of what it said.
  void publish(std::vector<weighted_endpoint> endpoints, std::optional<error> trouble = {});
  /// The source could not be asked: what was known stays, as stale.
  void publish_failure(error why);

 private:
  void tell_all();

  mutable std::mutex lock_;
  endpoint_set set_;
  std::recursive_mutex telling_;  // held while subscribers run, so that they see sets in order
  std::vector<std::pair<std::weak_ptr<void>, subscriber>> subscribers_;
};

/// A list that never changes.
[[nodiscard]] std::shared_ptr<endpoint_source> static_source(
    std::vector<weighted_endpoint> endpoints);

}  // namespace waitstate::client
