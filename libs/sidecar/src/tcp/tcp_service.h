#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "front/service.h"
#include "tcp/tunnel.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::sidecar {

/// Of one loop, and its thread alone.
struct tcp_counts {
  std::uint64_t connections = 0;
  std::uint64_t failed = 0;  ///< Clients for whom no server could be reached.
};

/// Any protocol over TCP: each client gets a connection of its own, dialled before it came where
/// one is ready. Nothing can be shared: nobody knows where one use of a connection ends and the
/// next begins. What is gained is the time of the dial, balancing, ejection, and that no TIME-WAIT
/// stays here (see tunnel_settings).
class tcp_service final : public service {
 public:
  tcp_service(std::shared_ptr<client::cluster> over, duration connect_time_max,
              tunnel_settings settings)
      : over_(std::move(over)), connect_time_max_(connect_time_max), settings_(settings) {}

  asio::awaitable<void> serve(client_ptr who) override;
  void drain() override {}

  [[nodiscard]] std::vector<figure> figures() const override;

 private:
  const std::shared_ptr<client::cluster> over_;
  const duration connect_time_max_;
  const tunnel_settings settings_;
  tcp_counts counts_;
};

}  // namespace waitstate::sidecar
