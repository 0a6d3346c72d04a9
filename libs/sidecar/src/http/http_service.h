#pragma once

#include <memory>
#include <string>
#include <vector>

#include "front/log_file.h"
#include "front/service.h"
#include "http/exchange.h"
#include "http/http_counts.h"
#include "http/scratch.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::sidecar {

struct http_service_settings {
  std::string name;  ///< The route's, for the log.
  /// For requests without a Host, as HTTP/1.0 may be, and in place of these: what clients say that
  /// take the sidecar for the server.
  std::string host;
  std::vector<std::string> own_hosts;  ///< See host.
  bool forces_host = false;            ///< It goes in place of whatever a client says.
  duration time_max = std::chrono::seconds(30);
  duration client_idle_max = std::chrono::seconds(60);
  duration pinned_idle_max = std::chrono::minutes(10);  ///< Of a tunnel; 0: no limit.
  bool explain = false;
};

/// HTTP/1.1: each request of a client, whatever kind of connection it comes over, is sent over a
/// kept one of the cluster, and tried again where that is harmless.
class http_service final : public service {
 public:
  /// `log` outlives it, or is null; a line of each request is added where it is open.
  http_service(std::shared_ptr<client::cluster> over, http_service_settings settings, log_file* log)
      : over_(std::move(over)), settings_(std::move(settings)), log_(log) {}

  asio::awaitable<void> serve(client_ptr who) override;
  void drain() override { is_draining_ = true; }
  [[nodiscard]] std::uint64_t connections_not_kept() const override { return counts_.irregular; }
  [[nodiscard]] std::vector<figure> figures() const override { return figures_of(counts_); }

 private:
  enum class next : std::uint8_t { request, close, linger };

  asio::awaitable<next> serve_one(client_connection& who, client_bytes& from);
  asio::awaitable<next> answer(exchange& x);
  asio::awaitable<next> refuse(client_connection& who, const head_refusal& why);
  asio::awaitable<next> answer_failure(exchange& x, const error& why);
  void take_over(exchange& x, const request_head& head) const;
  asio::awaitable<bool> collect_body(exchange& x, head_refusal& why);
  void count(const exchange& x);

  const std::shared_ptr<client::cluster> over_;
  const http_service_settings settings_;
  log_file* const log_;
  http_counts counts_;
  scratch_list scratches_;
  bool is_draining_ = false;
};

}  // namespace waitstate::sidecar
