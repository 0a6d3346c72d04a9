#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "front/log_file.h"
#include "front/service.h"
#include "thrift/thrift_counts.h"
#include "thrift/thrift_request_reader.h"
#include "waitstate/client/thrift/thrift_caller.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::sidecar {

struct thrift_service_settings {
  std::string name;  ///< The route's, for the log.
  std::uint32_t message_max = client::thrift_frame_max;
  std::set<std::string, std::less<>> oneway;      ///< Methods that nobody answers.
  std::set<std::string, std::less<>> idempotent;  ///< Methods that may be called again.
  duration time_max = std::chrono::seconds(30);
  duration client_idle_max = std::chrono::seconds(60);
};

/// Thrift: each call of a client goes over a connection that is kept, to a server of any kind that
/// the caller speaks to. A client has one call under way at a time; what it sends meanwhile waits,
/// and is answered in that order.
class thrift_service final : public service {
 public:
  /// What reaches the servers, and how it is ended with the route.
  struct caller {
    std::shared_ptr<client::thrift_caller> call;
    std::function<void()> close;  ///< Nothing where there is nothing to end.
  };

  /// `log` outlives it, or is null; a line of each call is added where it is open.
  thrift_service(caller over, thrift_service_settings settings, log_file* log);
  ~thrift_service() override;

  asio::awaitable<void> serve(client_ptr who) override;
  /// Thrift has no word for "the next call elsewhere": clients end when they are silent.
  void drain() override {}
  [[nodiscard]] std::vector<figure> figures() const override { return figures_of(counts_); }

 private:
  struct call;

  asio::awaitable<bool> serve_one(client_connection& who, bool is_framed, std::string message);
  asio::awaitable<void> refuse(client_connection& who, bool is_framed, const error& why);
  void count(const call& c);
  [[nodiscard]] std::string line_of(const call& c, const client_connection& who) const;
  [[nodiscard]] static bool is_among(const std::set<std::string, std::less<>>& methods,
                                     std::string_view name);

  const caller over_;
  const thrift_service_settings settings_;
  log_file* const log_;
  thrift_counts counts_;
};

}  // namespace waitstate::sidecar
