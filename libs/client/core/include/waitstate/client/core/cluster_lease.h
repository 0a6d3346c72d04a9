#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/lease.h"

namespace waitstate::client {

class cluster;

/// How a call ended, as far as it says something about the server.
enum class call_outcome : std::uint8_t {
  ok,
  failed,   ///< The server did not do its work: an error of its own, a reset, a time-out.
  unknown,  ///< The caller gave up, or never began.
};

/// A lease of a connection to one server of a cluster, and one call under way in the balancer's
/// eyes. report() says how it went; the destructor reports `unknown` for whoever did not.
class cluster_lease {
 public:
  cluster_lease() = default;
  ~cluster_lease();
  cluster_lease(cluster_lease&& other) noexcept;
  cluster_lease& operator=(cluster_lease&& other) noexcept;
  cluster_lease(const cluster_lease&) = delete;
  cluster_lease& operator=(const cluster_lease&) = delete;

  explicit operator bool() const { return static_cast<bool>(over_); }
  connection& operator*() const { return *over_; }
  connection* operator->() const { return over_.shared().get(); }
  /// The pool's lease: keep() it when the connection is clean.
  [[nodiscard]] lease& over() { return over_; }
  [[nodiscard]] const endpoint& to() const { return over_->remote(); }

  /// Ends the call: the latency is the time since the lease unless given. The connection stays
  /// leased. Only the first report counts.
  void report(call_outcome outcome, std::optional<duration> latency = {});
  /// report(), then back to the pool.
  void give_back(call_outcome outcome);
  /// The call is over: the connection is clean and kept, and the server did its work; or neither.
  void done(bool is_well);

 private:
  friend class cluster;
  cluster_lease(std::shared_ptr<cluster> from, std::uint64_t member, bool is_alive, time_point now);
  void end(call_outcome outcome, std::optional<duration> latency, time_point now);
  void give_back(call_outcome outcome, time_point now);

  std::shared_ptr<cluster> from_;
  std::uint64_t member_ = 0;
  bool is_alive_ = false;  // the server counted as that when it was picked
  endpoint to_;            // where there is no connection
  lease over_;
  time_point began_{};
};

}  // namespace waitstate::client
