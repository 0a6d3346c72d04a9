#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waitstate/client/core/endpoint.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {

/// A redis-server on a port of loopback, which keeps nothing. Ends with this.
class redis_server {
 public:
  /// `more`: further words of its command line. Throws when it does not come.
  explicit redis_server(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

  /// Starts it after kill(), on the same port.
  void start();
  void kill() { process_.reset(); }
  void pause() const { process_->pause(); }
  void resume() const { process_->resume(); }

  [[nodiscard]] client::endpoint at() const { return {.host = "127.0.0.1", .port = port_}; }
  [[nodiscard]] std::uint16_t number() const { return port_; }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }

 private:
  std::vector<std::string> more_;
  netlab::temporary_folder folder_;
  std::uint16_t port_ = netlab::free_port();
  std::optional<netlab::server_process> process_;
};

}  // namespace waitstate::integration_test
