#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "front/service.h"
#include "redis/redis_route.h"

namespace waitstate::sidecar {

class redis_session;

/// A Redis route: commands of many clients over few connections, pipelined. Clients in RESP2 and
/// RESP3 may use it side by side. HELLO, AUTH, SELECT, CLIENT, QUIT and RESET are of the client's
/// own connection, which is to this proxy; MULTI, WATCH, what blocks, SUBSCRIBE and MONITOR get a
/// connection of their own for as long as that takes.
///
/// Requests that change nothing are sent again over another connection when one is lost before it
/// brought a byte of the reply; others only when nothing of them was written.
class redis_service final : public service {
 public:
  /// The clusters run on `executor`, without a `prepare`: greeting is done here. `reads` gets what
  /// changes nothing (replicas); null: it goes where writes go.
  redis_service(asio::any_io_executor executor, std::shared_ptr<client::cluster> writes,
                std::shared_ptr<client::cluster> reads, redis_route_settings how);
  ~redis_service() override;

  asio::awaitable<void> serve(client_ptr who) override;
  void drain() override;

  [[nodiscard]] std::vector<figure> figures() const override { return figures_of(route_->counts); }

  [[nodiscard]] const redis_counts& counts() const { return route_->counts; }

 private:
  struct inside;
  class listed;

  static asio::awaitable<void> serve_one(std::shared_ptr<inside> in, client_ptr who);
  static asio::awaitable<void> tick(std::shared_ptr<inside> in);

  const asio::any_io_executor executor_;
  const std::shared_ptr<redis_route> route_;
  const std::shared_ptr<inside> inside_;
};

}  // namespace waitstate::sidecar
